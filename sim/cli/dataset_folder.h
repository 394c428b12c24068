#pragma once

#include <string>
#include <vector>

#include "sim/runtime/dataset.h"

namespace offcut::cli {

/// Returns the files in the folder of that name; none if read_dataset_folder() would find none.
std::vector<std::string> dataset_files(const std::string& name);

/// Reads the images and labels of a folder, or of a folder of that name among the data that offcut
/// ships. It holds one IDX file of each, named as MNIST's are ("...images...", "...labels..."),
/// compressed with zstd, gzip or not; or several of which one begins with "test" or "t10k". Labels
/// may be missing. Throws InputError.
runtime::Dataset read_dataset_folder(const std::string& name);

}  // namespace offcut::cli
