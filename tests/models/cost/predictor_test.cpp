#include "models/cost/predictor.h"

#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::cost {
namespace {

/// Returns the time on a device with 2 us overhead, 1e11 MAC/s and 1e10 B/s, on which elementwise
/// layers after a convolution are free.
double seconds_of(const LayerFeatures& f) {
  if (f.macs == 0 && f.follows.starts_with("Conv")) {
    return 0;
  }
  return 2e-6 + f.macs / 1e11 + (f.parameter_bytes + f.activation_bytes) / 1e10;
}

std::vector<ProfileRow> rows_of(const std::vector<std::string>& models) {
  const zoo::Zoo zoo;
  std::vector<ProfileRow> rows;
  for (const std::string& model : models) {
    for (ProfileRow& row : profile_rows(zoo.build(model), 1, 1)) {
      row.median = seconds_of(row.features);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("predictor: a linear device is found from a few models and predicts another one") {
  const Predictor predictor = fit_predictor(rows_of({"resnet18", "squeezenet", "vgg16"}));
  double measured = 0;
  double predicted = 0;
  for (const ProfileRow& row : rows_of({"resnet50"})) {
    measured += row.median;
    predicted += predictor.predict(row.features).si();
  }
  CHECK(predicted == doctest::Approx(measured).epsilon(0.02));
}

TEST_CASE("predictor: fused layers stay free, and unknown operators take some time") {
  const Predictor predictor = fit_predictor(rows_of({"resnet18", "squeezenet"}));
  CHECK(predictor.predict({.op = "Relu", .follows = "Conv", .activation_bytes = 1e6}).si() == 0);
  CHECK(predictor.predict({.op = "Gelu", .follows = "Conv", .activation_bytes = 1e6}).si() == 0);
  CHECK(predictor.predict({.op = "Gelu", .activation_bytes = 1e6}).si() > 0);
}

TEST_CASE("predictor: each model is predicted only from the others") {
  std::vector<ProfileRow> rows = rows_of({"resnet18", "squeezenet", "googlenet"});
  const LeaveOneOut errors = leave_one_model_out(rows);
  REQUIRE(errors.models.size() == 3);
  CHECK(errors.models[0].model == "resnet18");
  CHECK(errors.median_model_error < 0.05);
  for (ProfileRow& row : rows) {
    if (row.model == "resnet18") {
      row.median *= 3;  // The other models do not show this.
    }
  }
  CHECK(leave_one_model_out(rows).models[0].relative() == doctest::Approx(-2.0 / 3).epsilon(0.05));
  CHECK(leave_one_model_out(rows).models[0].predicted ==
        doctest::Approx(errors.models[0].predicted));
}

}  // namespace offcut::cost
