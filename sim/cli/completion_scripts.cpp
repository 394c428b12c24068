// The scripts of `offcut completion`. Each one asks the program what fits (print_completions()) and
// leaves files to its shell, which knows about quotes, tildes and variables.

#include <fmt/format.h>

#include <map>

#include "models/base/error.h"
#include "sim/cli/completion.h"
#include "sim/cli/console.h"

namespace offcut::cli {
namespace {

constexpr const char* kBashScript =
    R"script(# Completion of offcut's command line in bash, by `offcut completion bash`.

_offcut() {
  # Bash splits words at ':' and '=', which names and settings of offcut hold: join them again.
  local line=${COMP_LINE:0:COMP_POINT} rest word i
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    rest=${line#"${line%%[![:space:]]*}"}
    word=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && word=$rest
    if ((i > 0)) && [[ $rest == "$line" ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    line=${rest#"$word"}
  done
  local program=${words[0]/#\~/$HOME} current=${words[-1]}

  local -a reply
  mapfile -t reply < <("$program" __complete "${words[@]:1}" 2>/dev/null)
  local files=${reply[0]:-files}
  # Readline replaces what follows the last of these characters.
  local breaks= prefix=
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
  [[ -n $breaks && $current == *[$breaks]* ]] && prefix=${current%"${current##*[$breaks]}"}
  COMPREPLY=()
  for word in "${reply[@]:1}"; do
    word=${word%%$'\t'*}
    COMPREPLY+=("${word#"$prefix"}")
  done
  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[=:,] ]]; then
    compopt -o nospace
  fi

  [[ $files == none ]] && return
  [[ $current == --*=* ]] && current=${current#*=}
  local path ending
  local -a found endings
  read -ra endings <<<"${files#files}"
  mapfile -t found < <(compgen -f -- "$current")
  for path in "${found[@]}"; do
    if [[ -d ${path/#\~/$HOME} || $files == files ]]; then
      COMPREPLY+=("$path")
      continue
    fi
    for ending in "${endings[@]}"; do
      [[ $files == files* && $path == *"$ending" ]] && COMPREPLY+=("$path")
    done
  done
  ((${#found[@]})) && compopt -o filenames
}

complete -F _offcut offcut
)script";

constexpr const char* kZshScript = R"script(#compdef offcut
# Completion of offcut's command line in zsh, by `offcut completion zsh`.

_offcut() {
  local -a reply open open_texts whole whole_texts
  local line value text files
  local -a given=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  reply=("${(@f)$(${(Q)words[1]} __complete "${(@)given}" 2>/dev/null)}")
  files=${reply[1]:-files}
  for line in "${(@)reply[2,-1]}"; do
    [[ -n $line ]] || continue
    value=${line%%$'\t'*}
    text=$value
    [[ -n ${line#*$'\t'} ]] && text="$value  -- ${line#*$'\t'}"
    if [[ $value == *[=:,] ]]; then
      open+=("$value")
      open_texts+=("$text")
    else
      whole+=("$value")
      whole_texts+=("$text")
    fi
  done
  (($#whole)) && compadd -l -d whole_texts -a whole
  (($#open)) && compadd -S '' -l -d open_texts -a open

  [[ $files == none ]] && return
  [[ $PREFIX == --*=* ]] && compset -P '*='
  if [[ $files == folders ]]; then
    _files -/
  elif [[ $files == files ]]; then
    _files
  else
    _files -g "*(${(j:|:)${(s: :)files#files }})(-.)"
  fi
}

# Autoloaded, the file is the function; otherwise it defines it.
if [[ ${funcstack[1]} == _offcut ]]; then
  _offcut "$@"
else
  compdef _offcut offcut
fi
)script";

constexpr const char* kFishScript =
    R"script(# Completion of offcut's command line in fish, by `offcut completion fish`.

function __offcut_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l reply ($program __complete $words "$current" 2>/dev/null)
    set -l files $reply[1]
    set -e reply[1]
    printf '%s\n' $reply

    test "$files" = none; and return
    # Of '--option=path', fish replaces the whole word.
    set -l before (string match -r -- '^--[^=]*=' $current)
    set -l path (string replace -- "$before" '' $current)
    set -l endings (string split -n ' ' -- $files)
    for found in (__fish_complete_path "$path" | string replace -r '\t.*' '')
        if string match -q -- '*/' $found; or test "$files" = files
            printf '%s\n' "$before$found"
            continue
        end
        for ending in $endings[2..-1]
            string match -q -- "*$ending" $found; and printf '%s\n' "$before$found"
        end
    end
end

complete -c offcut -f -a '(__offcut_complete)'
)script";

const std::map<std::string, const char*>& scripts() {
  static const std::map<std::string, const char*> all = {
      {"bash", kBashScript}, {"fish", kFishScript}, {"zsh", kZshScript}};
  return all;
}

}  // namespace

std::vector<std::string> shells() {
  std::vector<std::string> names;
  for (const auto& [name, script] : scripts()) {
    names.push_back(name);
  }
  return names;
}

int print_completion_script(const std::string& shell) {
  const auto found = scripts().find(shell);
  if (found == scripts().end()) {
    throw InputError({"offcut completion"}, fmt::format("there is no script for {}{}",
                                                        in_quotes(shell),
                                                        suggestion(shell, shells())));
  }
  write_output(found->second);
  return 0;
}

}  // namespace offcut::cli
