// Counts the work of the way back, layer by layer, in the order in which a training step goes. The
// plan says which gradients are wanted; each operator's Gradient names the tensors that its kernel
// reads. Sums of products are counted by the rules below, from the code of the gradients.

#include "models/train/backward_work.h"

#include <algorithm>
#include <map>

namespace offcut::train {
namespace {

/// A layer, as rules see it.
struct Site {
  const Graph& graph;
  const Layer& layer;
  const StepPlan::LayerPlan& plan;

  bool wants(std::size_t input) const { return input < plan.wanted.size() && plan.wanted[input]; }
  std::int64_t inputs(std::size_t input) const {
    return elements(graph.tensor(layer.inputs[input]).type.shape);
  }
  std::int64_t outputs() const { return elements(graph.tensor(layer.outputs.front()).type.shape); }
};

bool is_product(const Layer& layer) {
  return layer.op_name == "Conv" || layer.op_name == "ConvTranspose" || layer.op_name == "Gemm" ||
         layer.op_name == "MatMul";
}

/// The mean of products of slopes and normalised inputs, and its product with each of these.
double batch_norm_macs(const Site& site) {
  const auto count = static_cast<double>(site.outputs());
  return count * (site.wants(0) && site.plan.trains ? 2 : 1);
}

/// The same, with sums per row; the gradient of the scale is one more sum of products.
double row_norm_macs(const Site& site) {
  const auto count = static_cast<double>(site.outputs());
  return count * ((site.wants(0) ? 2 : 0) + (site.wants(1) ? 1 : 0));
}

template <int per_element>
double macs_per_element(const Site& site) {
  return per_element * static_cast<double>(site.outputs());
}

/// Products are added up for an input that was broadcast.
double broadcast_macs(const Site& site) {
  double macs = 0;
  for (std::size_t i = 0; i < site.layer.inputs.size(); ++i) {
    macs +=
        site.wants(i) && site.inputs(i) != site.outputs() ? static_cast<double>(site.outputs()) : 0;
  }
  return macs;
}

double recurrent_macs(const Site& site) { return 3 * site.layer.work.macs; }

/// Returns the multiply-accumulates of operators whose gradient is one kernel.
double single_kernel_macs(const Site& site) {
  static const std::map<std::string, double (*)(const Site&), std::less<>> rules = {
      {"BatchNormalization", batch_norm_macs},
      {"LayerNormalization", row_norm_macs},
      {"SimplifiedLayerNormalization", row_norm_macs},
      {"GroupNormalization", row_norm_macs},
      {"InstanceNormalization", row_norm_macs},
      {"Softmax", macs_per_element<1>},     // The sum of y * dy.
      {"LogSoftmax", macs_per_element<1>},  // The product in dy - exp(y) * sum.
      {"LRN", macs_per_element<2>},         // A product into the window's sum, and one out of it.
      {"Mul", broadcast_macs},
      {"Div", broadcast_macs},
      {"PRelu", broadcast_macs},
      {"GRU", recurrent_macs},
      {"LSTM", recurrent_macs}};
  const auto rule = rules.find(site.layer.op_name);
  return rule == rules.end() ? 0 : rule->second(site);
}

/// Returns whether the gradient of an input is the slope itself, without a kernel.
bool hands_on(const Site& site, std::size_t input) {
  const std::string& op = site.layer.op_name;
  const bool is_sum = op == "Add" || op == "Sum" || (op == "Sub" && input == 0);
  const bool is_view = op == "Reshape" || op == "Flatten" || op == "Squeeze" || op == "Unsqueeze" ||
                       op == "Identity" || (op == "Dropout" && !site.plan.trains);
  return is_view || (is_sum && site.inputs(input) == site.outputs());
}

class WayBack {
 public:
  WayBack(const Graph& graph, const StepPlan& plan)
      : graph_(graph), plan_(plan), arrived_(graph.tensor_count()) {
    for (const TensorId prediction : plan.predictions) {
      arrived_[prediction] = 1;
    }
  }

  std::vector<BackwardWork> run() {
    std::vector<BackwardWork> all(graph_.layer_count());
    for (LayerId id = graph_.layer_count(); id-- > 0;) {
      const Site site{graph_, graph_.layer(id), plan_.layers[id]};
      if (site.plan.goes_back && has_slope(site.layer)) {
        all[id] = is_product(site.layer) ? two_kernels(site) : one_kernel(site);
        all[id].sums = arrive(site);
      }
    }
    return all;
  }

 private:
  bool has_slope(const Layer& layer) const {
    return std::any_of(layer.outputs.begin(), layer.outputs.end(),
                       [&](TensorId output) { return arrived_[output] > 0; });
  }

  /// Adds one reading or writing of a tensor.
  void touch(TensorId id, PassWork& work) const {
    if (id == kAbsent) {
      return;
    }
    const TensorNode& tensor = graph_.tensor(id);
    (tensor.is_parameter() ? work.fixed_bytes : work.sample_bytes) +=
        static_cast<double>(tensor.type.bytes());
  }

  void touch_slopes(const Site& site, PassWork& work) const {
    for (const TensorId output : site.layer.outputs) {
      if (arrived_[output] > 0) {
        touch(output, work);
      }
    }
  }

  /// The gradient of input 0 takes the slope and input 1, and the other way round.
  BackwardWork two_kernels(const Site& site) const {
    BackwardWork work;
    for (std::size_t input = 0; input < 2; ++input) {
      if (!site.wants(input)) {
        continue;
      }
      PassWork& pass = input == 0 ? work.inputs : work.weights;
      pass.macs = site.layer.work.macs;
      touch_slopes(site, pass);
      touch(site.layer.inputs[1 - input], pass);
      touch(site.layer.inputs[input], pass);
    }
    if (site.wants(2)) {
      if (work.weights.is_none()) {
        touch_slopes(site, work.weights);
      }
      touch(site.layer.inputs[2], work.weights);
    }
    return work;
  }

  BackwardWork one_kernel(const Site& site) const {
    PassWork work;
    for (std::size_t i = 0; i < site.layer.inputs.size(); ++i) {
      if (site.wants(i) && !hands_on(site, i)) {
        touch(site.layer.inputs[i], work);
      }
    }
    if (work.is_none()) {
      return {};
    }
    work.macs = single_kernel_macs(site);
    touch_slopes(site, work);
    for (std::size_t i = 0; i < site.layer.inputs.size(); ++i) {
      if (site.plan.gradient->reads_inputs.has(i)) {
        touch(site.layer.inputs[i], work);
      }
    }
    for (const TensorId output : site.layer.outputs) {
      if (site.plan.gradient->reads_outputs) {
        touch(output, work);
      }
    }
    touch_saved(site, work);
    return {.inputs = work, .weights = {}, .sums = {}};
  }

  /// Adds what the way forward in training left.
  void touch_saved(const Site& site, PassWork& work) const {
    if (!site.plan.trains) {
      return;
    }
    if (site.layer.op_name == "Dropout") {
      touch(site.layer.outputs.front(), work);  // A factor for each element.
    } else if (site.layer.op_name == "BatchNormalization") {
      touch(site.layer.inputs[1], work);  // Mean and deviation of each channel.
      touch(site.layer.inputs[1], work);
    }
  }

  /// Counts the gradients of the layer's inputs as arrived. Returns the additions to those that
  /// were there before.
  PassWork arrive(const Site& site) {
    PassWork sums;
    for (std::size_t i = 0; i < site.layer.inputs.size(); ++i) {
      if (!site.wants(i)) {
        continue;
      }
      const TensorId input = site.layer.inputs[i];
      if (++arrived_[input] > 1) {
        touch(input, sums);  // Both terms are read, and the sum is written.
        touch(input, sums);
        touch(input, sums);
      }
    }
    return sums;
  }

  const Graph& graph_;
  const StepPlan& plan_;
  std::vector<int> arrived_;  // By tensor: gradients of it so far.
};

void add_updates(const Graph& graph, const Weights& weights, const OptimizerKind& optimizer,
                 std::vector<StepWork>& work) {
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (!tensor.is_parameter() || !weights.find(tensor.name)) {
      continue;
    }
    const auto reader = std::find_if(tensor.consumers.begin(), tensor.consumers.end(),
                                     [&](LayerId layer) { return work[layer].runs; });
    if (reader != tensor.consumers.end()) {
      work[*reader].update += update_work(optimizer, elements(tensor.type.shape));
    }
  }
}

void add_losses(const Graph& graph, const StepPlan& plan, std::vector<StepWork>& work) {
  for (const TensorId id : plan.predictions) {
    const TensorNode& prediction = graph.tensor(id);
    if (prediction.producer) {
      work[*prediction.producer].loss +=
          PassWork{.sample_bytes = 2 * static_cast<double>(prediction.type.bytes())};
    }
  }
}

}  // namespace

PassWork& PassWork::operator+=(const PassWork& other) {
  macs += other.macs;
  sample_bytes += other.sample_bytes;
  fixed_bytes += other.fixed_bytes;
  return *this;
}

PassWork BackwardWork::all() const {
  PassWork sum = inputs;
  sum += weights;
  sum += sums;
  return sum;
}

std::vector<BackwardWork> backward_work(const Graph& graph, const StepPlan& plan) {
  return WayBack(graph, plan).run();
}

PassWork update_work(const OptimizerKind& optimizer, std::int64_t elements) {
  constexpr double kFloat = 4;
  const auto count = static_cast<double>(elements);
  const auto moments = static_cast<double>(optimizer.moments);
  return {.macs = count * (1 + 2 * moments), .fixed_bytes = kFloat * count * (3 + 2 * moments)};
}

std::vector<StepWork> step_work(const Graph& graph, const Registry<Gradient>& gradients,
                                const Weights& weights, const Loss& loss,
                                const OptimizerKind& optimizer, const StepOptions& options) {
  const StepPlan plan = plan_step(graph, gradients, weights, loss, options);
  std::vector<BackwardWork> back = backward_work(graph, plan);
  std::vector<StepWork> work(graph.layer_count());
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    work[id] = {.runs = plan.layers[id].runs,
                .trains = plan.layers[id].trains,
                .backward = back[id],
                .loss = {},
                .update = {}};
  }
  add_losses(graph, plan, work);
  add_updates(graph, weights, optimizer, work);
  return work;
}

}  // namespace offcut::train
