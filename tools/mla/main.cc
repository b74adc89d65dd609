#include <mla/error.h>

#include <cstdio>
#include <exception>

#include "tools/mla/arguments.h"
#include "tools/mla/session.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

int print_version(OutputForm form) {
  std::puts(form == OutputForm::human ? "mla " MLA_VERSION : "{\"version\":\"" MLA_VERSION "\"}");
  return 0;
}

struct Run {
  const Options& options;
  int operator()(const ObserveOptions& o) const { return run_observe(options, o); }
  int operator()(const ExposeOptions& o) const { return run_expose(options, o); }
  int operator()(const GetOptions& o) const { return run_get(options, o); }
  int operator()(const HostmonOptions& o) const { return run_hostmon(options, o); }
  int operator()(const LsOptions& o) const { return run_ls(options, o); }
  int operator()(const TreeOptions&) const { return run_tree(options); }
  int operator()(const WhyOptions& o) const { return run_why(options, o); }
  int operator()(const TopOptions& o) const { return run_top(options, o); }
  int operator()(const BenchOptions& o) const { return run_bench(options, o); }
  int operator()(const VersionOptions&) const { return print_version(options.form); }
  int operator()(const CompletionOptions& o) const {
    return std::fputs(o.script.c_str(), stdout) < 0 ? 1 : 0;
  }
};

int run(int argc, char** argv) {
  const auto parsed = parse_arguments(std::vector<std::string>(argv + 1, argv + argc));
  if (const auto* end = std::get_if<EndWith>(&parsed)) {
    std::fputs(end->text.c_str(), end->code == ExitCode::ok ? stdout : stderr);
    return static_cast<int>(end->code);
  }
  const auto& options = std::get<Options>(parsed);
  prepare_signals();
  try {
    return std::visit(Run{options}, options.verb);
  } catch (const Failed& failed) {
    std::fprintf(stderr, "mla: %s\n", failed.what());
    return static_cast<int>(failed.code());
  } catch (const Error& error) {
    std::fprintf(stderr, "mla: %s\n", error.what());
    return static_cast<int>(exit_code(error.code()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mla: %s\n", error.what());
    return static_cast<int>(ExitCode::failed);
  }
}

}  // namespace
}  // namespace mla::cli

int main(int argc, char** argv) {
  return mla::cli::run(argc, argv);
}
