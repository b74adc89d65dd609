"""Plants one violation at a time into a small clean tree; each must be found, and nothing in the clean tree."""
import tempfile
import unittest
from pathlib import Path

import script

layers = script.load("tools/check_layers")

CLEAN = {
    "contracts/include/mla/state.h": "#pragma once\n#include <vector>\n#include <mla/limits.def>\n// boost::asio, ::now()\n",
    "contracts/include/mla/limits.def": "// nothing\n",
    "contracts/src/state.cc": '#include <mla/state.h>\n#include <simdjson.h>\nconst char* k = "std::cout << rand()";\n',
    "exchange/codec/frame.h": '#pragma once\n#include <mla/state.h>\n#include <cbor.h>\n',
    "exchange/core/core.h": '#pragma once\n#include "exchange/codec/frame.h"\n#include <absl/container/flat_hash_map.h>\n',
    "exchange/session/session.h": '#pragma once\n#include "exchange/codec/frame.h"\n',
    "exchange/engine/engine.h": '#pragma once\n#include "exchange/core/core.h"\n#include "exchange/session/session.h"\n',
    "exchange/transport/link.h": "#pragma once\n#include <mla/state.h>\n",
    "exchange/transport/websocket.cc": '#include "link.h"\n#include <boost/beast.hpp>\n#include <thread>\n',
    "exchange/http/admin.cc": '#include "exchange/transport/link.h"\n',
    "exchange/runtime/loop.h": '#pragma once\n#include "exchange/engine/engine.h"\n',
    "exchange/include/mla/exchange.h": "#pragma once\n#include <mla/state.h>\n",
    "exchange/facade/exchange.cc": '#include <mla/exchange.h>\n#include "exchange/runtime/loop.h"\n',
    "router/main.cc": "#include <mla/exchange.h>\n#include <spdlog/spdlog.h>\n",
}

# file, line added, what the finding must say
PLANTED = [
    ("contracts/src/state.cc", '#include "exchange/codec/frame.h"', "contracts must not see codec"),
    ("exchange/codec/frame.h", '#include "exchange/core/core.h"', "codec must not see core"),
    ("exchange/core/core.h", '#include "exchange/session/session.h"', "core must not see session"),
    ("exchange/session/session.h", '#include "../core/core.h"', "session must not see core"),
    ("exchange/engine/engine.h", '#include "exchange/transport/link.h"', "engine must not see seam"),
    ("exchange/transport/link.h", '#include "exchange/runtime/loop.h"', "seam must not see runtime"),
    ("exchange/transport/websocket.cc", '#include "exchange/runtime/loop.h"', "transport must not see runtime"),
    ("exchange/runtime/loop.h", "#include <mla/exchange.h>", "runtime must not see exchange-public"),
    ("exchange/facade/exchange.cc", "#include <boost/asio.hpp>", "facade must not include <boost/asio.hpp>"),
    ("exchange/core/core.h", "#include <boost/container/vector.hpp>", "core must not include <boost/"),
    ("exchange/core/core.h", "#include <cbor.h>", "core must not include <cbor.h>"),
    ("exchange/core/core.h", "#include <thread>", "core is pure and must not include <thread>"),
    ("exchange/session/session.h", "#include <mutex>", "session is pure and must not include <mutex>"),
    ("exchange/codec/frame.h", "#include <iostream>", "codec is pure and must not include <iostream>"),
    ("exchange/engine/engine.h", "#include <sys/socket.h>", "engine is pure and must not include <sys/socket.h>"),
    ("contracts/src/state.cc", "#include <fstream>", "contracts is pure and must not include <fstream>"),
    ("exchange/core/core.h", "auto t = std::chrono::steady_clock::now();", "core is pure and reads a clock"),
    ("exchange/core/core.h", "int n = rand();", "core is pure and draws from a global generator"),
    ("exchange/core/core.h", "std::random_device device;", "core is pure and draws from the machine"),
    ("contracts/include/mla/state.h", "boost::asio::io_context* context;", "public header that names boost::"),
    ("exchange/include/mla/exchange.h", "absl::string_view text;", "public header that names absl::"),
    ("contracts/include/mla/state.h", "cbor_item_t* item;", "public header that names cbor_"),
    ("exchange/include/mla/exchange.h", "#include <simdjson.h>", "must not include <simdjson.h>"),
    ("exchange/include/mla/exchange.h", '#include "exchange/runtime/loop.h"', "must not see runtime"),
    ("exchange/core/core.h", '#include "exchange/core/nowhere.h"', "which does not exist"),
]


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


class CheckLayers(unittest.TestCase):
    def test_a_clean_tree_has_no_violation(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            plant(Path(folder), CLEAN)
            count, violations = layers.check_tree(Path(folder))
            self.assertEqual([str(v) for v in violations], [])
            self.assertEqual(count, len(CLEAN))

    def test_each_planted_violation_is_found_where_it_is(self) -> None:
        for file, line, expected in PLANTED:
            with self.subTest(file=file, line=line), tempfile.TemporaryDirectory() as folder:
                plant(Path(folder), {**CLEAN, file: CLEAN[file] + line + "\n"})
                violations = layers.check_tree(Path(folder))[1]
                self.assertTrue(violations)
                for violation in violations:
                    self.assertEqual((violation.file, violation.line), (file, CLEAN[file].count("\n") + 1))
                self.assertIn(expected, "\n".join(str(v) for v in violations))


if __name__ == "__main__":
    unittest.main()
