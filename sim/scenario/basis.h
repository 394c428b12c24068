#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offcut::scenario {

struct Scenario;

/// The basis of the layers' times on a tier, or of the figures of a link.
enum class Basis {
  measured,   // Times of the model itself (a profile, a layer table), or the user's own link.
  fitted,     // A model of the device, fitted to measurements of other networks.
  datasheet,  // A model of the device whose figures nobody compared with a measurement.
  published,  // Bandwidths that a publication measured on links of this kind.
  assumed     // Nominal or supposed bandwidths.
};

/// The median error of whole networks on a device that nobody measured: that of the measured
/// devices of the catalogue, each predicted by the means of its class without it.
inline constexpr double kDatasheetError = 0.47;

std::string_view to_text(Basis basis);

/// Returns the basis of this name. REQUIRES: there is one.
Basis basis_named(std::string_view name);

/// The basis of a tier's times.
struct TierBasis {
  Basis basis = Basis::datasheet;
  /// Fitted: the median error of networks that the fit has not seen. None: unknown.
  std::optional<double> left_out_error;
};

/// Returns "fitted (left-out error 14 %)", "datasheet (47 % in the median)" or "measured".
std::string to_text(const TierBasis& basis);

/// Return the basis of each tier and of each hop: "device: measured; edge: datasheet (47 % in the
/// median)".
std::string tier_bases(const Scenario& scenario);
std::string link_bases(const Scenario& scenario);

}  // namespace offcut::scenario
