#pragma once

#include <string>

#include "sim/runtime/dataset.h"

namespace offcut::cli {

/// The images and labels of a folder that holds one IDX file of each, as MNIST's are called
/// ("...images...", "...labels...", compressed with zstd or not), or of a folder of that name among
/// the data that offcut ships. Labels may be missing. Throws InputError.
runtime::Dataset read_dataset_folder(const std::string& name);

}  // namespace offcut::cli
