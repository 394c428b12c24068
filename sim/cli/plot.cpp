// `offcut plot`: draws the CSV files of results. Its arguments are checked here; then the process
// becomes Python, whose matplotlib draws (analysis/plots/draw.py). Since no process is left to wait
// for it, signals and exit codes are Python's.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <system_error>

#include "models/base/error.h"
#include "models/base/missing_file.h"
#include "sim/cli/console.h"
#include "sim/cli/plot_command.h"
#include "sim/cli/plot_kinds.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

/// Returns Debian's Python, which finds Debian's matplotlib, or the one that the user names.
std::string python() {
  const char* const given = std::getenv("OFFCUT_PYTHON");
  return given != nullptr && *given != '\0' ? given : "/usr/bin/python3";
}

void check_names(const std::string& option, const std::string& content,
                 std::span<const std::string> given, std::span<const std::string> valid,
                 std::vector<Diagnostic>& diagnostics) {
  for (const std::string& name : given) {
    if (std::find(valid.begin(), valid.end(), name) == valid.end()) {
      diagnostics.push_back({{option}, fmt::format("unknown {} {}{}", content, in_quotes(name),
                                                   suggestion(name, valid))});
    }
  }
}

void check_results(const std::vector<std::string>& results, std::vector<Diagnostic>& diagnostics) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::error_code error;
    const fs::file_status status = fs::status(results[i], error);
    if (!fs::exists(status)) {
      diagnostics.push_back({{results[i]}, missing_file(results[i])});
    } else if (!fs::is_directory(status) && !fs::is_regular_file(status)) {
      diagnostics.push_back({{results[i]}, "expected a folder of results, or a CSV file"});
    } else if (std::any_of(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(i),
                           [&](const std::string& earlier) {
                             return fs::equivalent(earlier, results[i], error);
                           })) {
      diagnostics.push_back({{results[i]}, "is given twice"});
    }
  }
}

void check(const PlotArguments& arguments) {
  std::vector<Diagnostic> diagnostics;
  check_results(arguments.results, diagnostics);
  std::vector<std::string> kinds;
  for (const PlotKind& kind : plot_kinds()) {
    kinds.push_back(kind.name);
  }
  check_names("--kind", "kind", arguments.kinds, kinds, diagnostics);
  check_names("--format", "format", arguments.formats, kPlotFormats, diagnostics);
  check_names("--width", "width", std::array{arguments.width}, kPlotWidths, diagnostics);
  std::error_code error;
  if (fs::exists(arguments.out, error) && !fs::is_directory(arguments.out, error)) {
    diagnostics.push_back({{arguments.out}, "can't be used as a folder for plots: Not a directory"});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

std::string folder_for(const std::vector<std::string>& results) {
  if (results.size() > 1) {
    return (fs::path("results") / "plots").string();
  }
  const fs::path path = results.front();
  return ((fs::is_directory(path) ? path : path.parent_path()) / "plots").string();
}

/// Returns the arguments of draw.py. -I keeps out modules and settings of the user's, which could
/// stand in for those that it needs; -B leaves no files beside it.
std::vector<std::string> command_of(const PlotArguments& arguments) {
  std::vector<std::string> command = {python(), "-I", "-B", "-X", "utf8", plot_program().string()};
  for (const std::string& kind : arguments.kinds) {
    command.push_back("--kind=" + kind);
  }
  for (const std::string& figure : arguments.figures) {
    command.push_back("--figure=" + figure);
  }
  for (const std::string& format : arguments.formats) {
    command.push_back("--format=" + format);
  }
  command.push_back("--width=" + arguments.width);
  command.push_back("--out=" +
                    (arguments.out.empty() ? folder_for(arguments.results) : arguments.out));
  if (is_quiet()) {
    command.emplace_back("--quiet");
  }
  command.emplace_back("--");
  command.insert(command.end(), arguments.results.begin(), arguments.results.end());
  return command;
}

}  // namespace

int plot(const PlotArguments& arguments) {
  check(arguments);
  std::vector<std::string> command = command_of(arguments);
  std::vector<char*> texts;
  for (std::string& text : command) {
    texts.push_back(text.data());
  }
  texts.push_back(nullptr);
  flush_output();
  execv(texts.front(), texts.data());
  throw InputError({"offcut plot"},
                   fmt::format("needs Python, and {} cannot be run ({}): install Debian's packages "
                               "python3, python3-matplotlib and python3-pandas",
                               in_quotes(command.front()), std::generic_category().message(errno)));
}

}  // namespace offcut::cli
