// Measures codecs at cuts with the network's real math. For each cut it runs the head once per
// input, sends the crossing tensors through each codec, and runs the tail once per codec, so that
// bytes, errors, times and answers are all real.

#include "sim/runtime/codec_study.h"

#include <algorithm>
#include <cmath>

#include "models/graph/cuts.h"
#include "models/graph/layer_dag.h"
#include "sim/runtime/inference.h"

namespace offcut::runtime {
namespace {

/// Returns the layers of the head whose outputs no other layer of the head reads. The cut lies
/// after them.
std::string name_of(const Graph& graph, const Cut& cut) {
  std::string name;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const auto [first, last] = boost::out_edges(id, graph.dag());
    const bool inner = std::any_of(first, last, [&](const auto& edge) {
      return cut.in_head[boost::target(edge, graph.dag())];
    });
    if (cut.in_head[id] && !inner) {
      name += (name.empty() ? "" : ",") + graph.layer(id).name;
    }
  }
  return name.empty() ? "input" : name;
}

/// The network's answer to each input.
class Answers {
 public:
  Answers(const Graph& graph, const Dataset& data, const std::vector<std::int64_t>& inputs,
          StudyMemory::Answers given = {})
      : graph_(graph), data_(data), inputs_(inputs), given_(std::move(given)) {}

  void add(const exec::TensorMap& outputs) {
    given_.push_back(arg_max(outputs.at(graph_.outputs().front())));
  }

  std::optional<double> accuracy() const {
    if (data_.labels.empty()) {
      return std::nullopt;
    }
    return share([&](std::size_t i) {
      return given_[i] == data_.labels[static_cast<std::size_t>(inputs_[i])];
    });
  }

  double agreement(const Answers& other) const {
    return share([&](std::size_t i) { return given_[i] == other.given_[i]; });
  }

 private:
  template <class Holds>
  double share(Holds holds) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < given_.size(); ++i) {
      count += holds(i) ? 1U : 0U;
    }
    return static_cast<double>(count) / static_cast<double>(given_.size());
  }

  const Graph& graph_;
  const Dataset& data_;
  const std::vector<std::int64_t>& inputs_;
  StudyMemory::Answers given_;
};

/// Sums up the bytes, errors and times of the tensors that crossed, input by input.
class Tally {
 public:
  explicit Tally(CodecMeasure& measure) : measure_(measure) {}

  void add(const std::vector<codec::SentTensor>& sent, const codec::Codec& codec) {
    double bytes = 0;
    for (const codec::SentTensor& tensor : sent) {
      bytes += tensor.bytes;
      measure_.encode_s += tensor.encode_seconds;
      measure_.decode_s += tensor.decode_seconds;
      if (tensor.original.type().type == DataType::float32) {
        add_errors(tensor, codec);
      }
    }
    measure_.bytes_mean += bytes;
    measure_.bytes_max = std::max(measure_.bytes_max, bytes);
    ++measure_.inputs;
  }

  void finish() {
    const auto inputs = static_cast<double>(measure_.inputs);
    measure_.bytes_mean /= inputs;
    measure_.encode_s /= inputs;
    measure_.decode_s /= inputs;
    measure_.error_rms = elements_ > 0 ? std::sqrt(squares_ / elements_) : 0;
  }

 private:
  void add_errors(const codec::SentTensor& tensor, const codec::Codec& codec) {
    const auto before = tensor.original.values<float>();
    const auto after = tensor.arrived.values<float>();
    if (before.data() == after.data()) {
      return;  // It crossed unencoded.
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
      const double error = std::abs(double{before[i]} - double{after[i]});
      measure_.error_max = std::max(measure_.error_max, error);
      squares_ += error * error;
    }
    elements_ += static_cast<double>(before.size());
    measure_.error_bound = std::max(measure_.error_bound, codec.error_bound(tensor.original));
  }

  CodecMeasure& measure_;
  double squares_ = 0;
  double elements_ = 0;
};

std::vector<std::int64_t> spread(std::int64_t all, std::int64_t samples) {
  const std::int64_t count = samples == 0 ? all : std::min(all, samples);
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < count; ++i) {
    chosen.push_back(i * all / count);
  }
  return chosen;
}

/// Runs the head of a cut once for each input, and the tail once for each codec.
class CutStudy {
 public:
  CutStudy(const Graph& graph, const StudiedCut& cut, const CodecStudyOptions& options)
      : graph_(graph), cut_(cut), options_(options) {
    std::vector<LayerId> head;
    std::vector<LayerId> tail;
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      (cut.tier_of[id] == 0 ? head : tail).push_back(id);
    }
    head_ = exec::segment_of(graph, std::move(head));
    tail_ = exec::segment_of(graph, std::move(tail));
    for (const partition::CutTensor& crossing :
         partition::crossings(graph, {.tiers = {"head", "tail"}, .tier_of = cut.tier_of})) {
      crossing_.push_back(crossing.tensor);
    }
    if (options.engine == exec::MathEngine::fast) {
      if (!head_.layers.empty()) {
        prepared_head_ = exec::prepare(graph, head_);
      }
      if (!tail_.layers.empty()) {
        prepared_tail_ = exec::prepare(graph, tail_);
      }
    }
  }

  CodecMeasure blank(const codec::NamedCodec& codec) const {
    CodecMeasure measure{.cut = cut_.name, .codec = codec.text};
    for (const TensorId id : crossing_) {
      measure.tensors += (measure.tensors.empty() ? "" : " ") + graph_.tensor(id).name;
      measure.bytes_bound += codec::bytes_on_wire(graph_, id, *codec.codec);
    }
    return measure;
  }

  /// Returns the inputs and the tensors that the head computes from them.
  exec::TensorMap run_head(exec::TensorMap inputs) {
    exec::TensorMap known = inputs;
    exec::TensorMap enters = pick(head_, known);
    known.merge(prepared_head_ ? prepared_head_->run(std::move(enters))
                               : exec::run(graph_, head_, std::move(enters)));
    return known;
  }

  std::vector<codec::SentTensor> send(const exec::TensorMap& known,
                                      const codec::Codec& codec) const {
    std::vector<codec::SentTensor> sent;
    for (const TensorId id : crossing_) {
      sent.push_back(codec::send_over_wire(graph_, id, known.at(id), codec));
    }
    return sent;
  }

  /// Returns the network's outputs when `sent` arrive in place of the known tensors.
  exec::TensorMap run_tail(const exec::TensorMap& known,
                           const std::vector<codec::SentTensor>& sent) {
    exec::TensorMap arrived = known;
    for (const codec::SentTensor& tensor : sent) {
      arrived[tensor.id] = tensor.arrived;
    }
    exec::TensorMap enters = pick(tail_, arrived);
    exec::TensorMap outputs = prepared_tail_ ? prepared_tail_->run(std::move(enters))
                                             : exec::run(graph_, tail_, std::move(enters));
    exec::TensorMap all = known;  // An output of the head has not crossed.
    all.merge(outputs);
    return all;
  }

 private:
  static exec::TensorMap pick(const exec::Segment& segment, const exec::TensorMap& from) {
    exec::TensorMap tensors;
    for (const TensorId id : segment.enters) {
      tensors[id] = from.at(id);
    }
    return tensors;
  }

  const Graph& graph_;
  const StudiedCut& cut_;
  CodecStudyOptions options_;
  exec::Segment head_;
  exec::Segment tail_;
  std::vector<TensorId> crossing_;
  std::optional<exec::Prepared> prepared_head_;
  std::optional<exec::Prepared> prepared_tail_;
};

/// Returns the inputs of `graph` as those of the same names in another graph.
exec::TensorMap in_graph(const Graph& other, const Graph& graph, exec::TensorMap inputs) {
  if (&other == &graph) {
    return inputs;
  }
  exec::TensorMap renamed;
  for (const auto& [id, tensor] : inputs) {
    renamed[*other.find_tensor(graph.tensor(id).name)] = tensor;
  }
  return renamed;
}

/// Returns the answers of the network itself, without a cut.
Answers answers_of(const Graph& graph, const Inference& source, const Dataset& data,
                   const std::vector<std::int64_t>& inputs, const CodecStudyOptions& options) {
  const auto run = [&] {
    SplitPass pass(graph, partition::Assignment(graph.layer_count(), 0), options.engine);
    StudyMemory::Answers answers;
    for (const std::int64_t input : inputs) {
      answers.push_back(arg_max(pass.run(source.inputs(input)).at(graph.outputs().front())));
    }
    return answers;
  };
  return {graph, data, inputs, options.memory ? options.memory->answers(run) : run()};
}

}  // namespace

std::optional<std::vector<StudiedCut>> studied_cuts(const Graph& graph, std::size_t most) {
  std::vector<StudiedCut> cuts;
  const bool all = for_each_cut(graph, [&](const Cut& cut) {
    if (std::find(cut.in_head.begin(), cut.in_head.end(), false) == cut.in_head.end()) {
      return true;  // No tensor crosses.
    }
    StudiedCut studied{.name = name_of(graph, cut), .tier_of = {}};
    for (const bool in_head : cut.in_head) {
      studied.tier_of.push_back(in_head ? 0 : 1);
    }
    cuts.push_back(std::move(studied));
    return cuts.size() <= most;
  });
  return all ? std::optional(std::move(cuts)) : std::nullopt;
}

std::vector<CodecMeasure> study_codecs(const Graph& graph, const std::vector<StudiedCut>& cuts,
                                       const std::vector<codec::NamedCodec>& codecs,
                                       const Dataset& data, const CodecStudyOptions& options,
                                       const std::function<void(double done)>& progress) {
  const partition::Assignment nowhere(graph.layer_count(), 0);
  const Inference source(graph, nowhere, data, options.divide, 1);  // Makes the inputs.
  const std::vector<std::int64_t> inputs =
      spread(static_cast<std::int64_t>(data.images.size()), options.samples);
  std::vector<CodecMeasure> measures;
  const std::optional<Answers> whole =
      options.computed ? std::optional(answers_of(graph, source, data, inputs, options))
                       : std::nullopt;
  for (std::size_t number = 0; number < cuts.size(); ++number) {
    std::optional<ComputedNetwork> computed;
    StudiedCut cut = cuts[number];
    if (options.computed) {
      computed = options.computed(cut.tier_of);
      cut.tier_of = computed->tier_of;
    }
    const Graph& run = computed ? computed->graph : graph;
    CutStudy study(run, cut, options);
    Answers plain(run, data, inputs);
    std::vector<Answers> answers(codecs.size(), Answers(run, data, inputs));
    std::vector<CodecMeasure> at_cut;
    std::vector<Tally> tallies;
    at_cut.reserve(codecs.size());  // The tallies point into it.
    for (const codec::NamedCodec& codec : codecs) {
      tallies.emplace_back(at_cut.emplace_back(study.blank(codec)));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const exec::TensorMap known = study.run_head(in_graph(run, graph, source.inputs(inputs[i])));
      if (!whole) {
        plain.add(study.run_tail(known, {}));
      }
      for (std::size_t c = 0; c < codecs.size(); ++c) {
        const std::vector<codec::SentTensor> sent = study.send(known, *codecs[c].codec);
        tallies[c].add(sent, *codecs[c].codec);
        answers[c].add(study.run_tail(known, sent));
      }
      if (progress) {
        progress((static_cast<double>(number) +
                  static_cast<double>(i + 1) / static_cast<double>(inputs.size())) /
                 static_cast<double>(cuts.size()));
      }
    }
    const Answers& uncoded = whole ? *whole : plain;
    for (std::size_t c = 0; c < codecs.size(); ++c) {
      tallies[c].finish();
      at_cut[c].accuracy = answers[c].accuracy();
      if (at_cut[c].accuracy) {
        at_cut[c].accuracy_loss = *uncoded.accuracy() - *at_cut[c].accuracy;
      }
      at_cut[c].agreement = answers[c].agreement(uncoded);
    }
    measures.insert(measures.end(), at_cut.begin(), at_cut.end());
  }
  return measures;
}

}  // namespace offcut::runtime
