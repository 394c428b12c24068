#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// Returns the file of a scenario and the files that it names, as far as they can be found. Throws
/// nothing: what is wrong with the scenario is for its reader to say.
std::vector<std::string> scenario_inputs(const std::string& scenario,
                                         const std::vector<scenario::Override>& overrides);

/// Throws InputError, about the output, if writing a file of `outputs` would replace one of
/// `inputs`, or the file with the weights of an ONNX model among them. Two names of one file count
/// as equal, be they symbolic or hard links; names that are not those of regular files count for
/// nothing. `writer` is the subject of the message: the option that names the outputs, or what
/// writes them without one.
void refuse_overwriting(const std::string& writer, const std::vector<std::string>& outputs,
                        const std::vector<std::string>& inputs);

/// The same of the files `names` in a folder.
void refuse_overwriting_in(const std::string& writer, const std::filesystem::path& folder,
                           const std::vector<std::string>& names,
                           const std::vector<std::string>& inputs);

/// Throws InputError, about the folder, if it has the file `marker`, by which results of another
/// command ("of a sweep") are recognised: those of both would stand side by side.
void refuse_results(const std::filesystem::path& folder, const std::string& marker,
                    const std::string& kind);

}  // namespace offcut::cli
