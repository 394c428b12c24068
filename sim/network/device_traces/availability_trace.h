#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/network/availability.h"

namespace offcut::network {

/// Reads when clients are available, in the form of FedScale (Lai et al., ICML 2022;
/// fedscale/cloud/internal/client_metadata.py): of each client the times in seconds at which it
/// becomes `active` and `inactive`, which repeat after `finish_time`. FedScale's `duration`, the
/// time for which it is active in total, and `model`, its device, are not used. The file is JSON, a
/// list or a map by client, or CSV with a row for each time that it is active: `client, active,
/// inactive, finish_time`; without `inactive` it is active until the period's end, and without both
/// it never is.
///
/// Returns the clients in the order in which the file names them. Throws InputError with every
/// error in the file.
std::vector<std::shared_ptr<const Availability>> read_availability_trace(const std::string& path);

}  // namespace offcut::network
