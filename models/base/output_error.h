#pragma once

#include "models/base/error.h"

namespace offcut {

/// Reports that output was lost, as on a full disk. The input is not at fault, but the report has
/// the same form.
class OutputError : public InputError {
 public:
  using InputError::InputError;
};

}  // namespace offcut
