// The kinds of plots, as their files tell them: a kind has the name of its file, and its first text
// in Python describes it. So a new file is a new kind, here as in Python.

#include "sim/cli/plot_kinds.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "models/base/error.h"
#include "sim/scenario/data_path.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

fs::path plots_folder() { return scenario::data_root() / "analysis" / "plots"; }

/// Returns the text between the first two triple quotes of a file, on one line.
std::string doc_of(const fs::path& file) {
  constexpr std::string_view kQuotes = "\"\"\"";
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t begin = text.find(kQuotes);
  const std::size_t end = begin == std::string::npos ? begin : text.find(kQuotes, begin + 3);
  if (end == std::string::npos) {
    return {};
  }
  std::istringstream words(text.substr(begin + 3, end - begin - 3));
  std::string doc;
  for (std::string word; words >> word;) {
    doc += (doc.empty() ? "" : " ") + word;
  }
  return doc;
}

}  // namespace

fs::path plot_program() {
  const fs::path program = plots_folder() / "draw.py";
  if (!fs::exists(program)) {
    throw InputError({program.string()}, "does not exist: install offcut with its data");
  }
  return program;
}

std::vector<PlotKind> plot_kinds() {
  const fs::path folder = plots_folder() / "offcut_plots" / "kinds";
  std::vector<PlotKind> kinds;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const fs::path& file = entry.path();
    std::string name = file.stem().string();
    if (file.extension() == ".py" && !name.starts_with("_")) {
      std::replace(name.begin(), name.end(), '_', '-');
      kinds.push_back({.name = std::move(name), .doc = doc_of(file)});
    }
  }
  if (kinds.empty()) {
    throw InputError({folder.string()}, "has no kinds of plots: install offcut with its data");
  }
  std::sort(kinds.begin(), kinds.end(),
            [](const PlotKind& a, const PlotKind& b) { return a.name < b.name; });
  return kinds;
}

}  // namespace offcut::cli
