// LSTM and GRU in float64, from ONNX's equations, one number after the other.

#include <cmath>

#include "tests/train/sample.h"

namespace offcut::train {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// A recurrent sample with the element of each tensor by its indices.
struct RecurrentView {
  const Sample& s;
  std::int64_t gates;
  bool batch_first;
  std::int64_t steps, batch, inputs, hidden, directions;

  RecurrentView(const Sample& sample, std::int64_t gate_count)
      : s(sample),
        gates(gate_count),
        batch_first(sample.attributes.integer("layout", 0) != 0),
        steps(sample.inputs[0].shape()[batch_first ? 1 : 0]),
        batch(sample.inputs[0].shape()[batch_first ? 0 : 1]),
        inputs(sample.inputs[0].shape()[2]),
        hidden(sample.inputs[2].shape()[2]),
        directions(sample.inputs[2].shape()[0]) {}

  double element(std::size_t input, std::int64_t place) const {
    return input < s.inputs.size() && !s.inputs[input].absent()
               ? s.inputs[input].values<double>().data()[place]
               : 0;
  }
  double x(std::int64_t t, std::int64_t b, std::int64_t i) const {
    return element(0, (batch_first ? b * steps + t : t * batch + b) * inputs + i);
  }
  double bias(std::int64_t d, std::int64_t half, std::int64_t row) const {
    return element(3, (d * 2 + half) * gates * hidden + row);
  }
  std::int64_t state_place(std::int64_t d, std::int64_t b, std::int64_t k) const {
    return (batch_first ? b * directions + d : d * batch + b) * hidden + k;
  }
  std::int64_t result_place(std::int64_t t, std::int64_t d, std::int64_t b, std::int64_t k) const {
    return (batch_first ? (b * steps + t) * directions + d : (t * directions + d) * batch + b) *
               hidden +
           k;
  }
  /// Row `row` of W x + Wb.
  double from_input(std::int64_t t, std::int64_t d, std::int64_t b, std::int64_t row) const {
    double sum = bias(d, 0, row);
    for (std::int64_t i = 0; i < inputs; ++i) {
      sum += element(1, (d * gates * hidden + row) * inputs + i) * x(t, b, i);
    }
    return sum;
  }
  /// Row `row` of R h + Rb.
  double from_state(std::int64_t d, std::int64_t row, const std::vector<double>& h) const {
    double sum = bias(d, 1, row);
    for (std::int64_t k = 0; k < hidden; ++k) {
      sum += element(2, (d * gates * hidden + row) * hidden + k) * h[static_cast<std::size_t>(k)];
    }
    return sum;
  }
  Tensor results() const {
    return Tensor(TensorType{DataType::float64, batch_first
                                                    ? Shape{batch, steps, directions, hidden}
                                                    : Shape{steps, directions, batch, hidden}});
  }
  Tensor states() const {
    return Tensor(TensorType{DataType::float64, batch_first ? Shape{batch, directions, hidden}
                                                            : Shape{directions, batch, hidden}});
  }
};

/// Runs step(t, direction, sample, state, cell) over time and collects Y, Y_h and Y_c.
template <class F>
std::vector<Tensor> over_time(const RecurrentView& v, F step) {
  std::vector<Tensor> outputs = {v.results(), v.states(), v.states()};
  const bool reverse = v.s.attributes.text("direction", "forward") == "reverse";
  for (std::int64_t d = 0; d < v.directions; ++d) {
    for (std::int64_t b = 0; b < v.batch; ++b) {
      std::vector<double> h, c;
      for (std::int64_t k = 0; k < v.hidden; ++k) {
        h.push_back(v.element(5, v.state_place(d, b, k)));
        c.push_back(v.element(6, v.state_place(d, b, k)));
      }
      for (std::int64_t n = 0; n < v.steps; ++n) {
        const std::int64_t t = reverse || d == 1 ? v.steps - 1 - n : n;
        step(t, d, b, h, c);
        for (std::int64_t k = 0; k < v.hidden; ++k) {
          outputs[0].values<double>().data()[v.result_place(t, d, b, k)] =
              h[static_cast<std::size_t>(k)];
        }
      }
      for (std::int64_t k = 0; k < v.hidden; ++k) {
        outputs[1].values<double>().data()[v.state_place(d, b, k)] = h[static_cast<std::size_t>(k)];
        outputs[2].values<double>().data()[v.state_place(d, b, k)] = c[static_cast<std::size_t>(k)];
      }
    }
  }
  return outputs;
}

std::vector<Tensor> naive_lstm(const Sample& s) {
  const RecurrentView v(s, 4);
  return over_time(v, [&](std::int64_t t, std::int64_t d, std::int64_t b, std::vector<double>& h,
                          std::vector<double>& c) {
    const std::vector<double> before = h;
    for (std::int64_t k = 0; k < v.hidden; ++k) {
      const auto gate = [&](std::int64_t g) {
        return v.from_input(t, d, b, g * v.hidden + k) + v.from_state(d, g * v.hidden + k, before);
      };
      double& cell = c[static_cast<std::size_t>(k)];
      cell = logistic(gate(2)) * cell + logistic(gate(0)) * std::tanh(gate(3));
      h[static_cast<std::size_t>(k)] = logistic(gate(1)) * std::tanh(cell);
    }
  });
}

std::vector<Tensor> naive_gru(const Sample& s) {
  const RecurrentView v(s, 3);
  const bool after = s.attributes.integer("linear_before_reset", 0) != 0;
  auto outputs = over_time(v, [&](std::int64_t t, std::int64_t d, std::int64_t b,
                                  std::vector<double>& h, std::vector<double>&) {
    const std::vector<double> before = h;
    std::vector<double> kept = h;
    const auto gate = [&](std::int64_t g, std::int64_t k) {
      return logistic(v.from_input(t, d, b, g * v.hidden + k) +
                      v.from_state(d, g * v.hidden + k, before));
    };
    for (std::int64_t k = 0; k < v.hidden; ++k) {
      kept[static_cast<std::size_t>(k)] *= gate(1, k);
    }
    for (std::int64_t k = 0; k < v.hidden; ++k) {
      const std::int64_t row = 2 * v.hidden + k;
      const double recurrent =
          after ? gate(1, k) * v.from_state(d, row, before) : v.from_state(d, row, kept);
      const double z = gate(0, k);
      const auto place = static_cast<std::size_t>(k);
      h[place] = (1 - z) * std::tanh(v.from_input(t, d, b, row) + recurrent) + z * before[place];
    }
  });
  outputs.pop_back();
  return outputs;
}

Sample recurrent_sample(Draw& draw, std::int64_t gates, bool has_cell) {
  Sample s;
  const std::int64_t steps = draw.between(1, 4);
  const std::int64_t batch = draw.between(1, 3);
  const std::int64_t inputs = draw.between(1, 3);
  const std::int64_t hidden = draw.between(1, 3);
  const std::vector<std::string> names = {"forward", "reverse", "bidirectional"};
  const auto choice = static_cast<std::size_t>(draw.between(0, 2));
  const std::int64_t directions = choice == 2 ? 2 : 1;
  const bool batch_first = draw.chance(0.5);
  s.attributes.set("direction", names[choice]);
  s.attributes.set("hidden_size", hidden);
  s.attributes.set("layout", std::int64_t{batch_first});
  s.inputs = {draw.tensor(batch_first ? Shape{batch, steps, inputs} : Shape{steps, batch, inputs}),
              draw.tensor({directions, gates * hidden, inputs}),
              draw.tensor({directions, gates * hidden, hidden})};
  if (draw.chance(0.7)) {
    const Shape state =
        batch_first ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
    s.inputs.push_back(draw.chance(0.7) ? draw.tensor({directions, 2 * gates * hidden}) : Tensor());
    s.inputs.emplace_back();
    s.inputs.push_back(draw.tensor(state));
    if (has_cell) {
      s.inputs.push_back(draw.tensor(state));
    }
  }
  s.outputs = has_cell ? 3 : 2;
  return s;
}

}  // namespace

void add_naive_recurrent(std::map<std::string, Naive>& all) {
  all["LSTM"] = naive_lstm;
  all["GRU"] = naive_gru;
}

void add_recurrent_makers(std::map<std::string, Maker>& all) {
  all["LSTM"] = [](Draw& draw) { return recurrent_sample(draw, 4, true); };
  all["GRU"] = [](Draw& draw) {
    Sample s = recurrent_sample(draw, 3, false);
    s.attributes.set("linear_before_reset", draw.between(0, 1));
    return s;
  };
}

}  // namespace offcut::train
