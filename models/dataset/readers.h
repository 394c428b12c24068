#pragma once

#include <string>

#include "models/base/parameters.h"
#include "models/dataset/samples.h"

namespace offcut::dataset {

// Readers of sample files. All throw InputError with the path: for files of another kind, for
// contents that do not fit together, and for files without samples.

/// How images become inputs.
struct ImageForm {
  std::int64_t pad = 0;       // Pixels of 0 on each side.
  std::int64_t channels = 1;  // Grey images are repeated this often.
};

/// Returns the form that image_parameters() state.
ImageForm image_form(const Parameters& parameters);

/// Reads IDX files of images and labels; see read_idx(). The bytes are divided by 255. Images of
/// H x W become inputs of 1xHxW.
Samples read_idx_samples(const std::string& images, const std::string& labels,
                         const ImageForm& form = {});

/// Reads NumPy arrays: inputs of any number type [count, ...], as they are (bytes are divided by
/// 255), and integer labels [count], or float targets [count] or [count, outputs].
Samples read_npy_samples(const std::string& inputs, const std::string& labels);

/// Reads a CSV file with a row per sample. The column `label` has classes, whole numbers from 0 on;
/// or the columns `target`, `target_1`, `target2` and so on have the numbers of a regression, in
/// the file's order. All other columns are features. With `like`, another such file, the columns
/// have its names, in any order, and come in its order.
Samples read_csv_samples(const std::string& path, const std::string& like = "");

}  // namespace offcut::dataset
