export { bundledModelDirectory } from './bundled-model-directory';
export { loadOnnxScorer } from './onnx/onnx-scorer';
