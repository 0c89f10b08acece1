"""The compiled step as Python sees it: its structures and functions, by ctypes."""

import ctypes
from ctypes import POINTER, c_double, c_float, c_int32, c_int64, c_void_p
from pathlib import Path

Ints = POINTER(c_int32)


class Matrix(ctypes.Structure):
    """A packed matrix with its bias, or null."""

    _fields_ = [
        ("weights", c_void_p),
        ("bias", c_void_p),
        ("outputs", c_int32),
        ("inputs", c_int32),
    ]


class Layer(ctypes.Structure):
    """Weights and memory of one layer."""

    _fields_ = [
        *((name, c_void_p) for name in ("before", "after", "query", "key")),
        *((name, Matrix) for name in ("qkv", "out", "gate", "down")),
        *((name, c_void_p) for name in ("keys", "values")),
        ("window", c_int32),
    ]


SIZES = ("layers", "width", "heads", "key_heads", "head_width", "inner", "vocabulary", "positions")
SWITCHES = ("is_half", "is_tied", "threads")


class Model(ctypes.Structure):
    """Shape and weights of a whole model, in the order of step.cpp."""

    _fields_ = [
        *((name, c_int32) for name in (*SIZES, *SWITCHES)),
        *((name, c_float) for name in ("epsilon", "scale")),
        *((name, c_void_p) for name in ("cosines", "sines", "embedding", "norm")),
        ("head", Matrix),
        ("layer", POINTER(Layer)),
    ]


MOST_SHOWN = 20


class Dice(ctypes.Structure):
    """How to draw one token."""

    _fields_ = [
        *((name, c_float) for name in ("temperature", "top_p", "min_p")),
        *((name, c_int32) for name in ("top_k", "shown")),
        ("number", c_double),
    ]


class Token(ctypes.Structure):
    """What was drawn."""

    _fields_ = [
        *((name, c_int32) for name in ("id", "rank")),
        *((name, c_float) for name in ("logprob", "floor", "best")),
        ("mass", c_double),
        ("shown_ids", c_int32 * MOST_SHOWN),
        ("shown_logprobs", c_float * MOST_SHOWN),
    ]


def load_library(path: Path) -> ctypes.CDLL:
    """The functions of step.cpp with their types; they release the interpreter while they run."""
    library = ctypes.CDLL(str(path))
    library.packed_size.argtypes = [c_int32, c_int32, c_int32]
    library.packed_size.restype = c_int64
    library.pack_matrix.argtypes = [c_void_p, c_int32, c_int32, c_int32, c_void_p]
    library.pack_matrix.restype = None
    library.open_model.argtypes = [POINTER(Model)]
    library.open_model.restype = c_void_p
    library.close_model.argtypes = [c_void_p]
    library.close_model.restype = None
    library.step.argtypes = [c_void_p, c_int32, Ints, Ints, Ints, c_int32, Ints, c_void_p]
    library.step.restype = None
    library.draw_tokens.argtypes = [
        *(c_void_p, c_int32, c_int32, c_void_p, c_void_p),
        *(POINTER(Dice), POINTER(Token)),
    ]
    library.draw_tokens.restype = None
    return library
