// Finds the files of a data set by their names, in MNIST's way and that of NumPy's users, or the
// set in the registry. A name of the registry wins over a folder of that name; "./digits" is the
// folder.

#include "models/dataset/open.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/named.h"
#include "models/dataset/readers.h"

namespace offcut::dataset {
namespace {

namespace fs = std::filesystem;

/// The words of a part in names of files. MNIST's test files begin with "t10k".
const std::vector<std::string> kTraining = {"training", "train"};
const std::vector<std::string> kTest = {"test", "t10k"};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Throws InputError for a folder, a pipe or a device, which can't be read twice, or never ends.
void check_is_file(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) {
    throw InputError({path}, "is a folder, expected a file");
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw InputError({path}, fs::is_fifo(status) ? "is a pipe, expected a file: samples are read "
                                                   "more than once"
                                                 : "is no regular file");
  }
}

/// Returns the file of a part whose name has the word and the ending; empty if there is none.
std::string find_file(const fs::path& folder, const std::vector<std::string>& part,
                      const std::string& word, const std::string& ending) {
  std::vector<std::string> found;
  for (const std::string& name : names_in(folder)) {
    const bool of_part = std::any_of(part.begin(), part.end(), [&](const std::string& start) {
      return name.starts_with(start);
    });
    const bool fits =
        ending == "idx" ? name.find("idx") != std::string::npos : name.ends_with(ending);
    if (of_part && fits && name.find(word) != std::string::npos) {
      found.push_back(name);
    }
  }
  if (found.size() > 1) {
    throw InputError({folder.string()}, fmt::format("holds {} and {}; expected one of them",
                                                    in_quotes(found[0]), in_quotes(found[1])));
  }
  if (found.empty()) {
    return "";
  }
  const std::string path = (folder / found.front()).string();
  check_is_file(path);
  return path;
}

/// Reads inputs with their labels. Without inputs, returns no samples.
template <class Read>
Samples read_pair(const fs::path& folder, const std::vector<std::string>& part,
                  const std::string& word, const std::string& ending, Read read) {
  const std::string inputs = find_file(folder, part, word, ending);
  if (inputs.empty()) {
    return {};
  }
  const std::string labels = find_file(folder, part, "labels", ending);
  if (labels.empty()) {
    throw InputError({inputs},
                     fmt::format("has no file of labels beside it ({}-labels...)", part.front()));
  }
  return read(inputs, labels);
}

/// Reads a part. A CSV file has the columns of the CSV file `like`, unless that is empty.
Samples read_part(const fs::path& folder, const std::vector<std::string>& part,
                  const std::string& like = "") {
  Samples samples = read_pair(
      folder, part, "images", "idx",
      [](const auto& inputs, const auto& labels) { return read_idx_samples(inputs, labels); });
  if (samples.count() == 0) {
    samples = read_pair(folder, part, "inputs", ".npy", read_npy_samples);
  }
  if (const std::string csv = find_file(folder, part, "", ".csv");
      samples.count() == 0 && !csv.empty()) {
    samples = read_csv_samples(csv, like);
  }
  return samples;
}

/// Throws InputError if one part has classes and the other one targets.
void check_same_kind(const Dataset& data) {
  if (data.test.count() == 0 || data.training.labels.absent() == data.test.labels.absent()) {
    return;
  }
  const bool training_has_classes = !data.training.labels.absent();
  const Samples& numbers = training_has_classes ? data.test : data.training;
  const Samples& classes = training_has_classes ? data.training : data.test;
  throw InputError({numbers.labels_from()},
                   fmt::format("holds floats, the targets of a regression, but {} holds integers, "
                               "a class for each sample; expected integers for classes in both, "
                               "or floats in both",
                               classes.labels_from()));
}

Dataset read_folder(const fs::path& folder) {
  Dataset data{.training = read_part(folder, kTraining), .test = {}};
  const std::string& source = data.training.source;
  data.test = read_part(folder, kTest, source.ends_with(".csv") ? source : "");
  if (data.training.count() == 0) {
    throw InputError({folder.string()},
                     "holds no training samples: expected training-images-idx... and "
                     "training-labels-idx..., training-inputs.npy and training-labels.npy, or "
                     "training.csv");
  }
  check_same_kind(data);
  return data;
}

}  // namespace

std::vector<std::string> files_of(const std::string& text) {
  std::error_code ignored;
  if (fs::is_regular_file(text, ignored)) {
    return {text};
  }
  std::vector<std::string> files;
  for (const std::string& name : names_in(text)) {
    files.push_back((fs::path(text) / name).string());
  }
  return files;
}

Dataset open_dataset(const std::string& text, const Registry<SetKind>& sets,
                     const fs::path& shipped, const std::string& option) {
  const std::string name = text.substr(0, text.find(':'));
  if (const SetKind* const set = sets.find(name)) {
    try {
      return set->load(named_from(text, "data set", sets).parameters, shipped);
    } catch (const std::invalid_argument& error) {
      throw InputError({option}, error.what());
    }
  }
  std::error_code ignored;
  if (fs::is_directory(text, ignored)) {
    return read_folder(text);
  }
  if (fs::exists(text, ignored)) {
    check_is_file(text);
    if (fs::path(text).extension() == ".csv") {
      return {.training = read_csv_samples(text)};
    }
    throw InputError({text}, "expected the name of a data set, a folder, or a file *.csv");
  }
  throw InputError({option}, fmt::format("there is no data set, folder or CSV file {}{}",
                                         in_quotes(text), suggestion(name, sets.names())));
}

}  // namespace offcut::dataset
