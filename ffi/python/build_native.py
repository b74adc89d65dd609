#!/usr/bin/python3
"""The module _mla_native: mla.h for Python, by cffi in API mode, and native.c.

usage: build_native.py OUT.c       writes its source; CMake and setup.py compile it and link libmla.so
"""
import re
import sys
from pathlib import Path

from cffi import FFI  # type: ignore[import]

HERE = Path(__file__).resolve().parent
HEADER = HERE.parent / "include" / "mla.h"

# What native.c shows Python.
OWN = """
enum { MLAPY_ITEMS = 256 };
typedef struct mlapy_item { uint64_t kind; ...; } mlapy_item;
typedef struct mlapy_batch { mlapy_item items[256]; uint64_t count; char* arena; uint64_t used; ...; } mlapy_batch;
mlapy_batch* mlapy_batch_new(void);
void mlapy_batch_free(mlapy_batch* batch);
mla_status mlapy_unpack(mla_state state, mlapy_batch* batch);
mla_status mlapy_take(mla_contract contract, mlapy_batch* batch);
"""


def declarations() -> str:
    """mla.h without what only a preprocessor understands."""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    text = re.sub(r'extern "C" \{|^\}$', "", text, flags=re.MULTILINE)
    return re.sub(r"^#.*$|^MLA_API ", "", text, flags=re.MULTILINE)


def make() -> FFI:
    ffi = FFI()
    ffi.cdef(declarations() + OWN)
    source = "#include <mla.h>\n#include <stdlib.h>\n#include <string.h>\n" + (HERE / "native.c").read_text()
    ffi.set_source("_mla_native", source, libraries=["mla"], include_dirs=[str(HEADER.parent)], py_limited_api=True)
    return ffi


ffibuilder = make()

if __name__ == "__main__":
    ffibuilder.emit_c_code(sys.argv[1])
