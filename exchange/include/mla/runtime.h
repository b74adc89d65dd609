#pragma once
#include <memory>

namespace mla {

namespace runtime {
class RuntimeCore;
}

struct RuntimeOptions {
  unsigned workers = 1;  ///< threads that carry exchanges, 1…256
};

/// The threads on which exchanges live. Any number of exchanges share one; each stays on one worker. User
/// callbacks run on further threads, so that a slow one never delays an exchange. The threads end when the
/// Runtime and the last exchange made with it are gone. *thread-safe*
class Runtime {
 public:
  explicit Runtime(RuntimeOptions options = {});  ///< throws Error: bad_option
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

 private:
  friend class Exchange;
  std::shared_ptr<runtime::RuntimeCore> core_;
};

}  // namespace mla
