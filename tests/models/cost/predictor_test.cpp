#include "models/cost/predictor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/models/zoo/built.h"

namespace offcut::cost::predictor_test {
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
  std::vector<double> progress;
  const LeaveOneOut errors =
      leave_one_model_out(rows, [&](double done) { progress.push_back(done); });
  CHECK(progress == std::vector<double>{0, 1.0 / 3, 2.0 / 3});
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

namespace {

/// Returns a model whose layers all take that long.
KindModel always(double seconds) { return {.samples = 1, .line = {seconds, 0, 0, 0, 0}}; }

ProfileRow row_of(const std::string& op, double median, double bytes) {
  ProfileRow row{.model = "some", .layer = op, .median = median};
  row.features.op = op;
  row.features.activation_bytes = bytes;
  return row;
}

}  // namespace

TEST_CASE("predictor: the narrowest kind that is known") {
  const LayerFeatures relu{.op = "Relu", .follows = "Add<Conv", .feeds = "Pool"};
  std::vector<std::string> kinds = {"Relu after Add<Conv", "Relu after Add", "Relu before Pool",
                                    "any after Add",       "Relu",           "any"};
  Predictor predictor;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    predictor.kinds[kinds[i]] = always(static_cast<double>(i + 1));
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    CAPTURE(kinds[i]);
    CHECK(predictor.predict(relu).si() == static_cast<double>(i + 1));
    predictor.kinds.erase(kinds[i]);
  }
  CHECK(predictor.predict(relu).si() == 0);

  const auto kind_of = [](const LayerFeatures& features) {
    Predictor all;
    const char* names[] = {
        "product of matrices", "product with a vector", "depthwise Conv", "Conv", "LSTM",
        "any with arithmetic"};
    for (std::size_t i = 0; i < std::size(names); ++i) {
      all.kinds[names[i]] = always(static_cast<double>(i + 1));
    }
    const auto seconds = static_cast<std::size_t>(all.predict(features).si());
    return std::string(seconds == 0 ? "" : names[seconds - 1]);
  };
  CHECK(kind_of({.op = "Gemm", .output_places = 1}) == "product with a vector");
  CHECK(kind_of({.op = "Gemm", .output_places = 2}) == "product of matrices");
  CHECK(kind_of({.op = "MatMul", .output_places = 2}) == "product of matrices");
  CHECK(kind_of({.op = "Conv", .macs = 1, .input_channels = 4, .groups = 4}) == "depthwise Conv");
  CHECK(kind_of({.op = "Conv", .macs = 1, .input_channels = 4, .groups = 2}) == "Conv");
  CHECK(kind_of({.op = "Conv", .macs = 1, .input_channels = 1, .groups = 1}) == "Conv");
  CHECK(kind_of({.op = "LSTM", .macs = 1}) == "LSTM");
  CHECK(kind_of({.op = "GRU", .macs = 1}) == "any with arithmetic");
}

TEST_CASE("predictor: an operator that is free elsewhere is free, unless its neighbours say not") {
  Predictor predictor;
  predictor.kinds["Reshape"] = {};
  predictor.kinds["any after Conv"] = always(3);
  predictor.kinds["any"] = always(2);
  CHECK(predictor.predict({.op = "Reshape", .follows = "Conv"}).si() == 0);
  CHECK(predictor.predict({.op = "Gelu", .follows = "Conv"}).si() == 3);
  CHECK(predictor.predict({.op = "Gelu"}).si() == 2);
  predictor.kinds["Reshape before Add"] = always(5);
  CHECK(predictor.predict({.op = "Reshape", .feeds = "Add"}).si() == 5);
}

TEST_CASE("predictor: the terms of the line, and the exponentials of a costly activation") {
  LayerFeatures conv{.op = "Conv",
                     .macs = 3,
                     .parameter_bytes = 5,
                     .activation_bytes = 7,
                     .input_channels = 2,
                     .output_channels = 11,
                     .output_places = 13};
  const auto seconds = [&](std::size_t term) {
    Predictor predictor;
    predictor.kinds["Conv"] = {.samples = 1, .line = std::vector<double>(kLineTerms, 0)};
    predictor.kinds["Conv"].line[term] = 1;
    return predictor.predict(conv).si();
  };
  CHECK(seconds(0) == 1);
  CHECK(seconds(1) == 3);
  CHECK(seconds(2) == 5);
  CHECK(seconds(3) == 7);
  CHECK(seconds(4) == doctest::Approx(20e-9));  // No layer that takes time takes less.
  for (const char* costly : {"Elu", "Erf", "Sigmoid", "Softplus", "Tanh"}) {
    conv.feeds = costly;
    CHECK(seconds(4) == 11 * 13);
  }
  conv.feeds = "Relu";
  CHECK(seconds(4) == doctest::Approx(20e-9));
}

TEST_CASE("predictor: the features of the trees") {
  const LayerFeatures f{.op = "Conv",
                        .feeds = "Relu",
                        .macs = 7,
                        .parameter_bytes = 1,
                        .activation_bytes = 3,
                        .input_channels = 31,
                        .output_channels = 63,
                        .output_places = 15,
                        .kernel_size = 9,
                        .stride = 4,
                        .groups = 1,
                        .model_bytes = 127};
  // Logarithms to the base 2 of 1 + each; MACs per byte; channels modulo 16; Add, Clip, Relu, ...
  CHECK(tree_features(f) ==
        std::vector<double>{3, 1, 2, 5, 6, 4, 9, 4, 1, 5, 7.0 / 4, 15, 15, 7, 0, 0, 1, 0});
  CHECK(tree_features(f).size() == kTreeFeatures);
  LayerFeatures grouped = f;
  grouped.groups = 31;
  CHECK(tree_features(grouped)[9] == 1);  // One channel per group.
  CHECK(tree_features(LayerFeatures{.groups = 0})[9] == 0);
}

TEST_CASE("predictor: half of the layers of a kind decide whether it is free") {
  const auto seconds = [](int quick, int slow) {
    std::vector<ProfileRow> rows;
    for (int i = 0; i < quick; ++i) {
      rows.push_back(row_of("Relu", 20e-9, 100));
    }
    for (int i = 0; i < slow; ++i) {
      rows.push_back(row_of("Relu", 1e-3, 100));
    }
    return fit_predictor(rows).predict({.op = "Relu", .activation_bytes = 100}).si();
  };
  CHECK(seconds(3, 2) == 0);
  CHECK(seconds(2, 2) == doctest::Approx(1e-3).epsilon(1e-6));
  CHECK(seconds(0, 1) == doctest::Approx(1e-3).epsilon(1e-6));
  CHECK(seconds(1, 0) == 0);
}

TEST_CASE("predictor: eight samples have trees, and four have a kind of their neighbours") {
  const auto fitted = [](std::size_t samples) {
    std::vector<ProfileRow> rows;
    for (std::size_t i = 0; i < samples; ++i) {
      rows.push_back(
          row_of("Relu", 1e-3 * static_cast<double>(1 + i % 3), 100 * static_cast<double>(1 + i)));
      rows.back().features.follows = "Conv";
    }
    return fit_predictor(rows);
  };
  CHECK(fitted(8).kinds.at("Relu").corrections.size() == BoostOptions().trees);
  CHECK(fitted(7).kinds.at("Relu").corrections.empty());
  CHECK(fitted(4).kinds.contains("Relu after Conv"));
  CHECK(!fitted(3).kinds.contains("Relu after Conv"));
  CHECK(fitted(3).kinds.contains("Relu"));
  CHECK(fitted(7).kinds.at("Relu").samples == 7);
}

TEST_CASE("predictor: the errors of models, and of layers that matter") {
  // Each model is predicted from the two others, whose layers take 1 ms and 4 ms, 2 ms and 4 ms, or
  // 1 ms and 2 ms. A layer of less than a thousandth of its model's time does not count.
  std::vector<ProfileRow> rows;
  double milliseconds = 1;
  for (const char* model : {"a", "b", "c"}) {
    for (int i = 0; i < 3; ++i) {
      rows.push_back(row_of("Relu", milliseconds * 1e-3, 0));
      rows.back().model = model;
    }
    rows.push_back(row_of("Relu", milliseconds * 1e-6, 0));
    rows.back().model = model;
    milliseconds *= 2;
  }
  const LeaveOneOut errors = leave_one_model_out(rows);
  REQUIRE(errors.models.size() == 3);
  std::vector<double> of_models;
  std::vector<double> of_layers;
  for (const ModelError& error : errors.models) {
    std::vector<ProfileRow> others;
    double measured = 0;
    for (const ProfileRow& row : rows) {
      if (row.model != error.model) {
        others.push_back(row);
      } else {
        measured += row.median;
      }
    }
    const Predictor predictor = fit_predictor(others);
    double predicted = 0;
    for (const ProfileRow& row : rows) {
      if (row.model == error.model) {
        const double seconds = predictor.predict(row.features).si();
        predicted += seconds;
        if (row.median > 1e-3 * measured) {
          of_layers.push_back(std::abs(seconds / row.median - 1));
        }
      }
    }
    CHECK(error.batch == 1);
    CHECK(error.measured == doctest::Approx(measured).epsilon(1e-12));
    CHECK(error.predicted == doctest::Approx(predicted).epsilon(1e-12));
    of_models.push_back(std::abs(predicted / measured - 1));
  }
  std::sort(of_models.begin(), of_models.end());
  std::sort(of_layers.begin(), of_layers.end());
  REQUIRE(of_layers.size() == 9);
  CHECK(errors.median_model_error == doctest::Approx(of_models[1]).epsilon(1e-12));
  CHECK(errors.median_layer_error == doctest::Approx(of_layers[4]).epsilon(1e-12));
}

}  // namespace offcut::cost::predictor_test
