#pragma once
#include <mla.h>
#include <mla/error.h>
#include <mla/wait.h>

#include <exception>
#include <new>
#include <string_view>
#include <utility>

namespace mla::ffi {

constexpr mla_status kOk = MLA_OK;
constexpr mla_status status_of(ErrorCode code) { return static_cast<mla_status>(code); }

/// Keeps what mla_error_message() tells on this thread: the code's sentence, and `detail` if there is one.
mla_status fail(ErrorCode code, std::string_view detail = {}) noexcept;
/// As fail(), with a sentence that is whole.
mla_status fail_with(ErrorCode code, std::string_view sentence) noexcept;
const char* last_message() noexcept;

inline mla_status answer(ErrorCode code) { return code == ErrorCode::ok ? MLA_OK : fail(code); }
/// Of a wait that gave no item.
mla_status fail(WaitStatus status) noexcept;

/// Every function of the interface runs inside one: nothing is thrown past it.
template <class F>
mla_status guard(F&& f) noexcept {
  try {
    return std::forward<F>(f)();
  } catch (const Error& error) {
    return fail_with(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::no_memory);
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, error.what());
  } catch (...) {
    return fail(ErrorCode::internal);
  }
}

}  // namespace mla::ffi
