#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/dataset/set.h"

namespace offcut::dataset {

/// Opens the data set that a text names:
/// - NAME[:PARAMETER=VALUE,...], one of the registry: `digits`, `spirals:turns=2`;
/// - a folder with files of two parts, training and test, named after them: IDX files
///   (`train-images...`, `train-labels...`, `t10k-images...` or `test-images...`), NumPy arrays
///   (`training-inputs.npy`, `training-labels.npy`, ...), or CSV files (`training.csv`,
///   `test.csv`). Files of the test may be missing;
/// - a CSV file, which is the training part.
///
/// Throws InputError about `option` if there is no such set, and for everything else that is wrong.
Dataset open_dataset(const std::string& text, const Registry<SetKind>& sets,
                     const std::filesystem::path& shipped, const std::string& option);

/// Returns the files that the text names; none for a set of the registry.
std::vector<std::string> files_of(const std::string& text);

}  // namespace offcut::dataset
