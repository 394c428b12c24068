#pragma once

#include <string>

#include "models/cost/predictor.h"
#include "sim/scenario/yaml/key_table.h"

namespace offcut::scenario {

extern const KeyTable kPredictorKeys;

/// Writes a fitted device as YAML, with the errors of its predictions of the models to which it was
/// fitted, each predicted from the others.
void write_predictor(const cost::Predictor& predictor, const cost::LeaveOneOut& errors,
                     const std::string& about, const std::string& path);

/// Reads a file of write_predictor(): the same numbers, bit by bit. Throws InputError with every
/// error.
cost::Predictor read_predictor(const std::string& path);

}  // namespace offcut::scenario
