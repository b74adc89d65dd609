#include "tests/mutants/findings.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace mla::mutants {

std::string promise_of(std::string_view what) {
  if (what.size() > 1 && what[0] == 'P' && std::isdigit(static_cast<unsigned char>(what[1]))) {
    std::size_t end = 2;
    while (end < what.size() && std::isdigit(static_cast<unsigned char>(what[end]))) ++end;
    return std::string(what.substr(0, end));
  }
  // Checks of invariants speak of the promise that rests on them.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kRestOn{{
      {"identity", "P4"},
      {"elected: more than one", "P4"},
      {"elected: nobody", "P1"},
      {"drain", "P6"},
      {"livelock", "P1"},
      {"loop", "P1"},
      {"standing", "P1"},
      {"synchronized without", "P1"},
      {"priority", "P8"},
      {"delivered twice", "P2"},
      {"confirm", "confirm"},
  }};
  for (const auto& [prefix, promise] : kRestOn)
    if (what.substr(0, prefix.size()) == prefix) return std::string(promise);
  return {};
}

namespace {

constexpr rlim_t kCpuSeconds = 120;

/// In the child: says what it begins with and what failed, a line each.
void work(const Exercise& e, std::size_t from, std::FILE* out) {
  for (std::size_t i = from; i < e.runs.size(); ++i) {
    std::fprintf(out, "run %zu\n", i);
    std::fflush(out);
    const std::string what = e.runs[i].carry_out();
    if (what.empty()) continue;
    std::fprintf(out, "failed %s\n", what.c_str());
    std::fflush(out);
    if (!e.promise.empty() && promise_of(what) == e.promise) return;
  }
}

/// Answers where to go on.
std::size_t one_process(const Exercise& e, std::size_t from, std::vector<Finding>& findings) {
  int ends[2];
  if (pipe(ends) != 0) std::perror("pipe"), std::exit(2);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) std::perror("fork"), std::exit(2);
  if (child == 0) {
    close(ends[0]);
    const rlimit cpu{kCpuSeconds, kCpuSeconds};
    setrlimit(RLIMIT_CPU, &cpu);
    const rlimit core{0, 0};
    setrlimit(RLIMIT_CORE, &core);
    if (!std::freopen("/dev/null", "w", stdout) || !std::freopen("/dev/null", "w", stderr)) _exit(2);
    work(e, from, fdopen(ends[1], "w"));
    _exit(0);
  }
  close(ends[1]);
  std::FILE* in = fdopen(ends[0], "r");
  std::size_t at = from;
  char* line = nullptr;
  std::size_t room = 0;
  while (getline(&line, &room, in) > 0) {
    std::string_view text(line);
    text.remove_suffix(1);
    if (text.substr(0, 4) == "run ")
      at = std::strtoull(line + 4, nullptr, 10);
    else
      findings.push_back({e.runs[at].name, std::string(text.substr(7))});
  }
  std::free(line);
  std::fclose(in);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return e.runs.size();
  const bool hung = WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
  findings.push_back({e.runs[at].name, hung ? "livelock: no end" : "crash: status " + std::to_string(status)});
  return at + 1;
}

}  // namespace

std::vector<Finding> exercise(const Exercise& e) {
  std::vector<Finding> findings;
  const auto enough = [&] {
    return !e.promise.empty() && !findings.empty() && promise_of(findings.back().what) == e.promise;
  };
  for (std::size_t from = 0; from < e.runs.size() && !enough();) from = one_process(e, from, findings);
  return findings;
}

}  // namespace mla::mutants
