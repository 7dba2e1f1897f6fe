import type { Socket } from 'socket.io';

interface Transport {
  /** The websocket, where that is the transport. */
  readonly socket?: { readonly bufferedAmount?: number };
}

/**
 * Bytes that were sent to a socket and not yet taken by the other side: what the websocket holds, and the packets that
 * wait before it.
 */
export function bufferedBytesOf(socket: Pick<Socket, 'conn'>): number {
  const { writeBuffer } = socket.conn as unknown as {
    readonly writeBuffer: readonly { readonly data?: unknown }[];
  };
  const transport = socket.conn.transport as unknown as Transport;
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) bytes += typeof data === 'string' ? data.length : 0;
  return bytes;
}
