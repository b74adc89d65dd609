#include "tools/mla/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

namespace mla::cli {
namespace {

struct Flag {
  std::string name, text;
  bool takes_value = false;
};

bool names_file(const Flag& flag) {
  return flag.name == "--file" || flag.name == "--token-file";
}

std::vector<Flag> flags_of(const CLI::App& app) {
  std::vector<Flag> out;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      out.push_back({"--" + name, option->get_description(), option->get_items_expected_max() != 0});
  // Of option groups, and of all verbs that a verb has: which one it is need not be known yet.
  for (const auto* group : app.get_subcommands({}))
    if (group->get_name().empty() || app.get_parent())
      for (auto& flag : flags_of(*group))
        if (std::none_of(out.begin(), out.end(), [&](const Flag& f) { return f.name == flag.name; }))
          out.push_back(std::move(flag));
  return out;
}

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  std::vector<const CLI::App*> out;
  for (const auto* verb : app.get_subcommands({}))
    if (!verb->get_name().empty()) out.push_back(verb);
  return out;
}

/// What follows a verb, where that is one of a few words; else empty.
std::string words_after(const CLI::App& verb) {
  if (verb.get_name() == "completion") return "bash zsh fish";
  if (verb.get_name() == "ls") return "objects tags links";
  std::string out;
  for (const auto* below : verbs_of(verb)) out += (out.empty() ? "" : " ") + below->get_name();
  return out;
}

std::string names(const std::vector<Flag>& flags) {
  std::string out;
  for (const auto& flag : flags) out += (out.empty() ? "" : " ") + flag.name;
  return out;
}

/// For single quotes; zsh also reads brackets and colons in its descriptions.
std::string quoted(const std::string& text, bool zsh) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (zsh && (c == '[' || c == ']' || c == ':'))
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string bash(const CLI::App& app) {
  std::string verbs, cases;
  for (const auto* verb : verbs_of(app)) {
    verbs += (verbs.empty() ? "" : " ") + verb->get_name();
    const std::string words = words_after(*verb);
    cases += "    " + verb->get_name() + ") words=\"" + words + (words.empty() ? "" : " ") + names(flags_of(*verb)) + "\" ;;\n";
  }
  return "# bash completion for mla: source <(mla completion bash)\n"
         "_mla() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" verb= word "
         "words\n"
         "  if [[ $previous == --file || $previous == --token-file ]]; then COMPREPLY=($(compgen -f -- \"$current\")); return; fi\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \" " +
         verbs +
         " \" in *\" $word \"*) verb=$word; break ;; esac\n"
         "  done\n"
         "  case \"$verb\" in\n" +
         cases + "    *) words=\"" + verbs +
         "\" ;;\n"
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words " +
         names(flags_of(app)) +
         "\" -- \"$current\"))\n"
         "}\n"
         "complete -F _mla mla\n";
}

std::string zsh(const CLI::App& app) {
  const auto arguments = [](const CLI::App& of) {
    std::string out;
    for (const auto& flag : flags_of(of)) {
      out += " \\\n      '" + flag.name + "[" + quoted(flag.text, true) + "]";
      if (flag.takes_value) out += names_file(flag) ? ":file:_files" : ":value:";
      out += "'";
    }
    return out;
  };
  std::string verbs, cases;
  for (const auto* verb : verbs_of(app)) {
    verbs += "    '" + verb->get_name() + ":" + quoted(verb->get_description(), true) + "'\n";
    const std::string words = words_after(*verb);
    cases += "    " + verb->get_name() + ") _arguments" + arguments(*verb) +
             (words.empty() ? "" : " \\\n      '1:what:(" + words + ")'") + " ;;\n";
  }
  return "#compdef mla\n"
         "# zsh completion for mla: mla completion zsh > \"${fpath[1]}/_mla\"\n"
         "_mla() {\n"
         "  local -a verbs=(\n" +
         verbs +
         "  )\n"
         "  local state line\n"
         "  _arguments -C" +
         arguments(app) +
         " \\\n      '1:verb:->verb' '*::argument:->argument'\n"
         "  case $state in\n"
         "    verb) _describe verb verbs ;;\n"
         "    argument) case $line[1] in\n" +
         cases +
         "    esac ;;\n"
         "  esac\n"
         "}\n"
         "_mla \"$@\"\n";
}

std::string fish(const CLI::App& app) {
  std::string out =
      "# fish completion for mla: mla completion fish > ~/.config/fish/completions/mla.fish\ncomplete -c mla "
      "-f\n";
  const auto add = [&](const CLI::App& of, const std::string& condition) {
    for (const auto& flag : flags_of(of)) {
      out += "complete -c mla" + condition + " -l " + flag.name.substr(2) + (flag.takes_value ? " -x" : "") +
             " -d '" + quoted(flag.text, false) + "'\n";
      if (names_file(flag)) out.replace(out.rfind(" -x -d"), 3, " -rF");
    }
  };
  add(app, "");
  for (const auto* verb : verbs_of(app)) {
    out += "complete -c mla -n __fish_use_subcommand -a " + verb->get_name() + " -d '" +
           quoted(verb->get_description(), false) + "'\n";
    const std::string seen = " -n '__fish_seen_subcommand_from " + verb->get_name() + "'";
    add(*verb, seen);
    if (const std::string words = words_after(*verb); !words.empty())
      out += "complete -c mla" + seen + " -a '" + words + "'\n";
  }
  return out;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash(app);
  return shell == "zsh" ? zsh(app) : fish(app);
}

}  // namespace mla::cli
