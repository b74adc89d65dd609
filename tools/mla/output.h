#pragma once
#include <string>
#include <string_view>

namespace mla::cli {

/// What standard output and standard error are connected to. *value*
struct Terminal {
  bool out = false, err = false;  ///< a person reads there
  bool colour = false;            ///< out is a terminal and NO_COLOR is unset
  static Terminal detect();
  /// Of standard output, now; 80 when it does not say.
  static std::size_t width();
};

/// Standard output: data only. Lines are gathered and written by flush(). *loop-confined*
class Output {
 public:
  void line(std::string_view text) { (buffer_ += text) += '\n'; }
  void bytes(std::string_view text) { buffer_ += text; }
  /// False when nothing can be written any more; that is final, and error() says why: EPIPE when nobody
  /// reads.
  bool flush();
  int error() const { return error_; }

 private:
  std::string buffer_;
  int error_ = 0;
};

}  // namespace mla::cli
