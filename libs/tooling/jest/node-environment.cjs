'use strict';

// Read by the native library when it loads, from the real environment: the sandbox's `process.env` is a copy.
process.env.ORT_DISABLE_TELEMETRY = '1';

const { TestEnvironment } = require('jest-environment-node');

const TYPED_ARRAYS = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

/**
 * Node's environment with the typed arrays of the process itself. Native add-ons compare constructors, and the
 * sandbox's own `Float32Array` is a stranger to onnxruntime.
 */
class NodeEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const type of TYPED_ARRAYS) this.global[type.name] = type;
  }
}

module.exports = NodeEnvironment;
