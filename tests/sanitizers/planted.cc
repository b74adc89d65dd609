#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <thread>

// One bug by name, which the sanitizers of a preset must turn into a failure: else their silence says nothing.
namespace {

volatile int g_number = 1;
int* volatile g_kept = nullptr;
int g_shared = 0;

int beyond_the_end() {
  auto* numbers = new int[4]();
  const int read = numbers[g_number + 3];
  delete[] numbers;
  return read;
}

int after_free() {
  auto* number = new int(g_number);
  g_kept = number;
  delete number;
  return *g_kept;
}

int overflow() {
  g_number = std::numeric_limits<int>::max();
  return g_number + 1;
}

int leak() {
  g_kept = new int(g_number);
  g_kept = nullptr;
  return 0;
}

int race() {
  std::thread other([] { ++g_shared; });
  ++g_shared;
  other.join();
  return g_shared;
}

/// A bug in a process whose status nobody asks for, as tests have many.
int unheard(const std::string& program, const std::string& bug) {
  return std::system(("'" + program + "' " + bug).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view bug = argc > 1 ? argv[1] : "";
  int result = 0;
  if (bug == "beyond-the-end") result = beyond_the_end();
  if (bug == "after-free") result = after_free();
  if (bug == "overflow") result = overflow();
  if (bug == "leak") result = leak();
  if (bug == "race") result = race();
  if (bug == "unheard") result = unheard(argv[0], argv[2]);
  std::printf("%d: it goes on\n", result);
  return 0;
}
