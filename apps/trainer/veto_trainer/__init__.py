"""Trains a fraud model on feature vectors that were exported by the line, and writes it as an ONNX artifact.

No feature is computed here: a column of the matrix is what the line served, or it is nothing.
"""
