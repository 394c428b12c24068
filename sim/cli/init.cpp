// `offcut init`: copies a commented scenario from scenarios/templates, where the tests run it. In
// front goes a line by which editors find the schema of scenarios, if it is installed.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "models/base/error.h"
#include "models/base/output_error.h"
#include "models/base/text_file.h"
#include "sim/cli/console.h"
#include "sim/cli/editing_commands.h"
#include "sim/cli/output_file.h"
#include "sim/scenario/data_path.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".yaml";

/// Returns the names of the templates in alphabetical order.
std::vector<std::string> template_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == kEnding) {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Returns the template with the new file's name in place of its own, in the commands of comments.
std::string with_name(std::string text, const std::string& own, const std::string& name) {
  for (std::size_t at = 0; (at = text.find(own, at)) != std::string::npos; at += name.size()) {
    text.replace(at, own.size(), name);
  }
  return text;
}

/// Returns the line that names the installed schema to editors; empty if there is none.
std::string schema_line() {
  const fs::path schema = scenario::data_root() / "schemas" / "scenario.json";
  std::error_code ignored;
  return fs::exists(schema, ignored)
             ? fmt::format("# yaml-language-server: $schema={}\n", schema.string())
             : "";
}

}  // namespace

int init(const InitArguments& arguments) {
  const fs::path folder = scenario::data_root() / "scenarios" / "templates";
  const std::vector<std::string> names = template_names(folder);
  if (std::find(names.begin(), names.end(), arguments.from) == names.end()) {
    throw InputError({"--from"}, fmt::format("unknown template {}{}", in_quotes(arguments.from),
                                             suggestion(arguments.from, names)));
  }
  const std::string file = arguments.from + kEnding;
  const std::string out = arguments.out.empty() ? file : arguments.out;
  std::error_code ignored;
  const fs::file_status status = fs::status(out, ignored);
  if (!arguments.overwrite && (fs::is_regular_file(status) || fs::is_directory(status))) {
    throw InputError({out}, fs::is_directory(status)
                                ? "is a directory, expected the name of a file"
                                : "exists; --overwrite replaces it");
  }
  const std::string template_text =
      read_text_file((folder / file).string(), "a scenario (YAML)");
  const std::string text = schema_line() + with_name(template_text, file, out);
  write_beside(out, [&](const std::string& beside) {
    std::ofstream stream(beside, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream) {
      throw OutputError({beside}, "cannot be written");
    }
  });
  say("{}: a scenario that runs as it is; its comments explain it. Next:\n  offcut run {}\n", out,
      out);
  return 0;
}

}  // namespace offcut::cli
