/** The smallest ONNX model there is: `y = Identity(x)`, both float32 [2], written out field by field. */
export function identityModel(): Uint8Array {
  const value = (name: string) =>
    message(1, text(name)).concat(
      message(2, message(1, [...varint(1, 1), ...message(2, message(1, varint(1, 2)))])),
    );
  const node = [...message(1, text('x')), ...message(2, text('y')), ...message(4, text('Identity'))];
  const graph = [
    ...message(1, node),
    ...message(2, text('identity')),
    ...message(11, value('x')),
    ...message(12, value('y')),
  ];
  return Uint8Array.from([...varint(1, 8), ...message(7, graph), ...message(8, varint(2, 13))]);
}

/** A length-delimited protobuf field; everything here is shorter than 128 bytes. */
function message(field: number, body: readonly number[]): number[] {
  return [(field << 3) | 2, body.length, ...body];
}

function varint(field: number, value: number): number[] {
  return [field << 3, value];
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}
