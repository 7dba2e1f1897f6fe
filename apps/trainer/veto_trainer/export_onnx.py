"""Trees and calibration as one ONNX graph, written node by node, and the proof that it says what the library says."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from .calibrate import Calibration
from .trees import LEAF, Trees

OPSET = 17
ML_OPSET = 3
IR_VERSION = 8

# Largest difference of probabilities between two ways of adding the same leaves.
PARITY_MAX = 1e-6

# Of log odds, between doubles and the library's own float32 sum over two hundred leaves. A row on the wrong side of a
# split differs by a whole leaf, a hundred times more.
MARGIN_PARITY_MAX = 5e-5

PARITY_CHUNK = 65_536


def onnx_of(trees: Trees, calibration: Calibration, name: str) -> bytes:
    """`features` float32 [N, F] → `score` float32 [N]. The same trees give the same bytes."""
    nodes = [
        # Two hundred leaves added up as float32 are off by 1e-6; doubles cost the graph next to nothing.
        helper.make_node("Cast", ["features"], ["exact_features"], to=TensorProto.DOUBLE),
        _ensemble_of(trees),
        helper.make_node("Mul", ["margin", "platt_a"], ["scaled"]),
        helper.make_node("Add", ["scaled", "platt_b"], ["calibrated"]),
        helper.make_node("Sigmoid", ["calibrated"], ["probability"]),
        helper.make_node("Reshape", ["probability", "row_count"], ["score"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([calibration.a], dtype=np.float32), "platt_a"),
        numpy_helper.from_array(np.array([calibration.b], dtype=np.float32), "platt_b"),
        numpy_helper.from_array(np.array([-1], dtype=np.int64), "row_count"),
    ]
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", trees.feature_count])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["N"])],
        constants,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, producer_name="veto-trainer", opset_imports=opsets, ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def _ensemble_of(trees: Trees) -> onnx.NodeProto:
    leaf = trees.feature == LEAF
    tree_of_node = np.repeat(np.arange(trees.tree_count), np.diff(np.append(trees.roots, trees.node_count)))
    # Within ONNX a node is known by its tree and its position in that tree.
    local = np.arange(trees.node_count) - trees.roots[tree_of_node]
    child = lambda positions: np.where(leaf, 0, positions - trees.roots[tree_of_node]).tolist()
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["exact_features"],
        ["margin"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values_as_tensor=_doubles([trees.base_margin], "base_values"),
        nodes_treeids=tree_of_node.tolist(),
        nodes_nodeids=local.tolist(),
        nodes_featureids=np.where(leaf, 0, trees.feature).tolist(),
        nodes_modes=["LEAF" if is_leaf else "BRANCH_LT" for is_leaf in leaf],
        nodes_values_as_tensor=_doubles(trees.threshold, "nodes_values"),
        nodes_truenodeids=child(trees.left),
        nodes_falsenodeids=child(trees.right),
        nodes_missing_value_tracks_true=trees.default_left.tolist(),
        target_treeids=tree_of_node[leaf].tolist(),
        target_nodeids=local[leaf].tolist(),
        target_ids=[0] * int(leaf.sum()),
        target_weights_as_tensor=_doubles(trees.value[leaf], "target_weights"),
    )


def _doubles(values: np.ndarray | list[float], name: str) -> onnx.TensorProto:
    """float32 numbers as the same numbers in double precision."""
    return numpy_helper.from_array(np.asarray(values, dtype=np.float64), name)


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """One thread, as the line runs it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def scores_by_onnx(session: onnxruntime.InferenceSession, features: np.ndarray) -> np.ndarray:
    """float32 [N], in chunks, so that a year of rows needs no year of memory."""
    parts = [
        session.run(["score"], {"features": features[start : start + PARITY_CHUNK]})[0]
        for start in range(0, len(features), PARITY_CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def prove_parity(expected: np.ndarray, actual: np.ndarray, limit: float, what: str) -> float:
    """The largest difference of two columns. Raises where it is more than rounding can explain."""
    difference = np.abs(expected.astype(np.float64) - actual.astype(np.float64))
    worst = int(difference.argmax())
    if difference[worst] > limit:
        values = f"{expected[worst]:.9f} and {actual[worst]:.9f}"
        raise ValueError(f"{what}: row {worst} has {values}; at most {limit} may lie between them")
    return float(difference[worst])
