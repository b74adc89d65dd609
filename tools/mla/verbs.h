#pragma once
#include "tools/mla/options.h"

// One function a verb; each returns what the process ends with. They throw mla::Error when a contract or URL
// is refused.
namespace mla::cli {

int run_observe(const Options& options, const ObserveOptions& observe);
int run_expose(const Options& options, const ExposeOptions& expose);
int run_get(const Options& options, const GetOptions& get);
int run_hostmon(const Options& options, const HostmonOptions& hostmon);
int run_ls(const Options& options, const LsOptions& ls);
int run_tree(const Options& options);
int run_why(const Options& options, const WhyOptions& why);
int run_top(const Options& options, const TopOptions& top);
int run_bench(const Options& options, const BenchOptions& bench);

}  // namespace mla::cli
