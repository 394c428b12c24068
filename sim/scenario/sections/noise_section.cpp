// Reads the variation of computing times. Empirical noise draws from the values of a CSV file, with
// or without a header. They are divided by their mean, so that they may be factors or times in any
// unit, and the mean of the computing times stays that of the plan.

#include "sim/scenario/sections/noise_section.h"

#include <numeric>

#include "sim/scenario/sections/measured_values.h"
#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kNoise[] = {
    {.name = "kind",
     .kind = ValueKind::choice,
     .choices = "none, lognormal, exponential, empirical",
     .noun = "noise",
     .fallback = "none",
     .doc = "The distribution of the computing times. Their mean is the plan's time.",
     .example = "noise: {kind: exponential}"},
    {.name = "cv",
     .kind = ValueKind::number,
     .bounds = {0, 100},
     .absent = "required for `lognormal`, invalid otherwise",
     .doc = "The coefficient of variation: the standard deviation over the mean.",
     .example = "noise: {kind: lognormal, cv: 20 %}"},
    {.name = "file",
     .kind = ValueKind::file,
     .absent = "required for `empirical`, invalid otherwise",
     .doc = "A CSV file of measured times, or factors, one in each row. Each request gets one of "
            "them at random, divided by the mean of all.",
     .example = "noise: {kind: empirical, file: times.csv}"},
    {.name = "column",
     .kind = ValueKind::text,
     .absent = "the only column",
     .doc = "The column of the file. Needed if there are several.",
     .example = "noise: {kind: empirical, file: runs.csv, column: compute_s}"},
};

/// Returns the values of the column divided by their mean.
std::vector<double> read_factors(const std::string& path, const std::string& column) {
  std::vector<double> values = read_values(path, column);
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (!(sum > 0)) {
    throw InputError({path}, "has no value above 0");
  }
  const double mean = sum / static_cast<double>(values.size());
  for (double& value : values) {
    value /= mean;
  }
  return values;
}

void read_empirical(MapReader& reader, ReadSoFar& so_far, engine::Noise& noise) {
  const std::string path = existing_file(reader, "file", so_far.scenario.path);
  const std::string column = reader.raw("column") != nullptr ? reader.text("column") : "";
  if (path.empty()) {
    return;
  }
  try {
    noise.factors = read_factors(path, column);
  } catch (const InputError& error) {
    so_far.add(error);
  }
}

}  // namespace

constinit const KeyTable kNoiseKeys{
    .doc = "The variation of the computing times from request to request.", .keys = kNoise};

engine::Noise read_noise(MapReader& tier, ReadSoFar& so_far) {
  using Kind = engine::Noise::Kind;
  engine::Noise noise;
  MapReader reader = tier.map("noise");
  const auto kind = reader.choice("kind");
  if (!kind) {
    reader.ignore_rest();
    reader.done();
    return noise;
  }
  noise.kind = *kind == "none"          ? Kind::none
               : *kind == "lognormal"   ? Kind::lognormal
               : *kind == "exponential" ? Kind::exponential
                                        : Kind::empirical;
  if (noise.kind == Kind::lognormal) {
    noise.cv = reader.number("cv");
  } else if (reader.raw("cv") != nullptr) {
    reader.error("cv", "only lognormal noise has a coefficient of variation");
  }
  if (noise.kind == Kind::empirical) {
    read_empirical(reader, so_far, noise);
  } else {
    for (const char* key : {"file", "column"}) {
      if (reader.raw(key) != nullptr) {
        reader.error(key, "only empirical noise is drawn from a file");
      }
    }
  }
  reader.done();
  return noise;
}

}  // namespace offcut::scenario
