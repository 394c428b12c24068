// The life of a served node: its parts are prepared, it listens, waits for the next tier, and then
// answers, or asks for its load. The load of a share first measures the capacity of the bottleneck
// with a few requests one after another.

#include "sim/cli/serve_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/quantile.h"
#include "models/base/random.h"
#include "models/base/readable.h"
#include "models/graph/random_input.h"
#include "sim/cli/console.h"
#include "sim/cli/output_file.h"
#include "sim/cli/program_version.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

constexpr Seconds kWatchesEvery{0.05};
constexpr std::int64_t kTrialRequests = 24;
constexpr std::size_t kTrialWarmUp = 4;
constexpr std::int64_t kDefaultRequests = 100;
constexpr std::size_t kMostPrepared = 64;  // Sizes of batches: each has a graph of its own.
constexpr std::size_t kMostInputs = 32;    // Distinct ones that are drawn.

const std::vector<std::string> kFiles = {"measured.json", "requests.csv"};

/// Returns the requests per second that the busiest of tiers and links could serve.
PerSecond capacity_of(const std::vector<runtime::LoadedCall>& trials,
                      const std::vector<std::size_t>& cores) {
  std::vector<Seconds> busy(2 * cores.size());  // Of each tier, and of the hop before it.
  double count = 0;
  for (std::size_t i = kTrialWarmUp; i < trials.size(); ++i) {
    const runtime::CallTimes& times = trials[i].end.times;
    if (trials[i].end.how != runtime::CallEnd::How::answered) {
      continue;
    }
    ++count;
    busy[0] += times.computed;
    for (std::size_t later = 0; later < times.later.size() && later + 1 < cores.size(); ++later) {
      const runtime::TierTimes& tier = times.later[later];
      busy[2 * later + 2] += tier.end - tier.start;
      busy[2 * later + 3] += tier.last_byte - tier.first_byte;
    }
  }
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < busy.size(); ++i) {
    const double servers =
        i % 2 == 0 ? static_cast<double>(std::max<std::size_t>(cores[i / 2], 1)) : 1.0;
    if (busy[i] > Seconds(0)) {
      least = std::min(least, servers * count / busy[i].si());
    }
  }
  return PerSecond(std::isfinite(least) ? least : 0);
}

}  // namespace

ServeSession::ServeSession(study::ServedNode node, Settings settings,
                           const scenario::Registries& registries)
    : served_(std::move(node)), settings_(std::move(settings)), registries_(registries) {
  check();
  if (!settings_.out.empty()) {
    set_kept_unchanged(settings_.out);
    out_ = std::make_unique<OutputDirectory>(settings_.out, kFiles, kFiles.front());
  }
}

ServeSession::~ServeSession() = default;

void ServeSession::check() const {
  if (served_.adaptation) {
    runtime::check_adaptation(*served_.adaptation);
  }
  if (served_.needs_next && settings_.to.empty()) {
    throw InputError({"--to"}, "expected the servers of the next tier, which the plan uses");
  }
  for (const runtime::NodeCut& cut : served_.settings.cuts) {
    if (settings_.to.empty() && cut.part.graph == nullptr) {
      throw InputError({served_.settings.tier},
                       "has no layers under the plan, and nothing to relay to without --to");
    }
  }
}

/// Makes everything ready to answer, which takes a while.
void ServeSession::prepare() {
  runtime::SocketLimits limits;
  limits.hello_bytes = std::size_t{1} << 20U;  // It has the names of all layers.
  transport_ = runtime::make_socket_transport(loop_, limits);
  std::vector<runtime::Part> parts;
  for (const runtime::NodeCut& cut : served_.settings.cuts) {
    parts.push_back(cut.part);
  }
  if (served_.settings.whole) {
    parts.push_back(served_.settings.whole->part);
  }
  if (served_.settings.scheduling.batching) {
    served_.workers.largest_batch = std::min(
        scheduling::CheckedBatching(served_.settings.scheduling.batching).largest(), kMostPrepared);
  }
  workers_ = std::make_unique<runtime::Workers>(std::move(parts), served_.workers, loop_,
                                                registries_.codecs);
  const auto times = workers_->measure();
  for (std::size_t i = 0; i < served_.settings.cuts.size(); ++i) {
    served_.settings.cuts[i].service = times[i];
  }
  if (served_.settings.whole) {
    served_.settings.whole->service = times.back();
  }
  if (settings_.gives_up_after) {
    served_.settings.rules.gives_up_after = *settings_.gives_up_after;
  }
  if (!settings_.to.empty()) {
    runtime::NextTierSettings next = served_.settings.next.value_or(runtime::NextTierSettings());
    next.sites = settings_.to;
    next.seed = settings_.seed;
    served_.settings.next = std::move(next);
  } else {
    served_.settings.next.reset();
  }
  node_ = std::make_unique<runtime::Node>(*transport_, *workers_, served_.settings);
  node_->on_hopeless([this](const std::string& reason) { fail("--to", reason); });
  if (!settings_.listen.empty()) {
    std::string address;
    try {
      address = node_->listen(settings_.listen);
    } catch (const InputError& error) {
      throw InputError({"--listen"}, error.diagnostics().front().message);
    }
    say("{}: listening on {}\n", served_.settings.tier, address);
    flush_output();
  }
}

int ServeSession::run() {
  prepare();
  watch();
  node_->on_ready([this] { loop_.post([this] { ready(); }); });
  loop_.run();
  if (requests_ != nullptr) {
    write();
  } else {
    node_->stop();
    node_->check_counts();
    if (!error_) {
      print_counts();
    }
  }
  if (error_) {
    std::rethrow_exception(error_);
  }
  if (interrupted_ && settings_.load) {
    throw Interrupted(*interrupted_);
  }
  return 0;
}

/// Looks for signals every now and then.
void ServeSession::watch() {
  try {
    interruption_.check();
  } catch (const Interrupted& interrupted) {
    interrupted_ = interrupted;
    end();
    return;
  }
  loop_.at(loop_.now() + kWatchesEvery, [this] { watch(); });
}

/// Ends the loop, after the answers that programs wait for.
void ServeSession::end() {
  if (service_ == nullptr) {
    loop_.stop();
  } else {
    service_->stop_then([this] { loop_.post([this] { loop_.stop(); }); });
  }
}

void ServeSession::begin_service() {
  try {
    service_ = std::make_unique<NodeService>(*node_, *settings_.http);
    say("{}: answering at {}\n", served_.settings.tier, service_->url());
    flush_output();
  } catch (const InputError&) {
    error_ = std::current_exception();
    loop_.stop();
  }
}

void ServeSession::fail(const std::string& place, const std::string& reason) {
  error_ = std::make_exception_ptr(InputError({place}, reason));
  loop_.stop();
}

void ServeSession::ready() {
  say("{}: ready{}\n", served_.settings.tier,
      node_->next() != nullptr ? fmt::format(", with {} after it", node_->hello().tiers[1]) : "");
  flush_output();
  if (settings_.http) {
    begin_service();
  }
  if (!settings_.load || error_) {
    return;
  }
  inputs_ = draw_inputs();
  if (settings_.load->kind == ServedLoad::Kind::share) {
    begin_trial();
  } else {
    begin_load();
  }
}

runtime::Load::Inputs ServeSession::draw_inputs() const {
  const runtime::ModelSpec spec = node_->spec();
  const Graph* network = served_.network != nullptr
                             ? served_.network.get()
                             : served_.settings.cuts.front().part.graph.get();
  const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(
      settings_.requests.value_or(kDefaultRequests), 1, static_cast<std::int64_t>(kMostInputs)));
  runtime::Load::Inputs inputs(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (const runtime::TensorSpec& input : spec.inputs) {
      RandomStream stream = random_stream(settings_.seed, "input " + input.name, i);
      const auto known = network != nullptr ? network->find_tensor(input.name) : std::nullopt;
      if (known) {
        inputs[i][input.name] = random_input(*network, *known, std::move(stream));
      } else {  // The part relays it.
        Graph alone("input");
        const TensorId id = alone.add_input(input.name, input.type, input.type.type);
        inputs[i][input.name] = random_input(alone, id, std::move(stream));
      }
    }
  }
  return inputs;
}

void ServeSession::begin_trial() {
  const ServedLoad closed = [this] {
    std::vector<Diagnostic> none;
    return read_load("closed", registries_, none);
  }();
  settings_.load->arrivals = closed.arrivals;  // Kept until the load has its own.
  trial_ = std::make_unique<runtime::Load>(
      *node_,
      runtime::LoadSettings{.arrivals = closed.arrivals.get(),
                            .closed_loop = true,
                            .requests = kTrialRequests,
                            .duration = std::nullopt,
                            .seed = settings_.seed},
      inputs_, std::function<std::size_t()>(),
      [this](runtime::LoadedCall call) {
        call.end.result.outputs.clear();
        trials_.push_back(std::move(call));
      },
      [this] {
        loop_.post([this] {
          capacity_ = capacity_of(trials_, measured_run().cores);
          if (!(capacity_ > PerSecond(0))) {
            fail("--load", "no request of the trial was answered");
            return;
          }
          settings_.load->rate = capacity_ * settings_.load->share;
          settings_.load->arrivals = poisson(settings_.load->rate, registries_);
          say("capacity {:.4g} /s, load {} = {:.4g} /s\n", capacity_.si(), settings_.load->text,
              settings_.load->rate.si());
          begin_load();
        });
      });
  trial_->begin();
}

void ServeSession::begin_load() {
  const bool closed = settings_.load->kind == ServedLoad::Kind::closed ||
                      (settings_.load->kind == ServedLoad::Kind::scenario && served_.closed_loop);
  std::optional<std::int64_t> requests = settings_.requests;
  if (!requests && !settings_.duration && settings_.load->kind != ServedLoad::Kind::trace) {
    requests = kDefaultRequests;
  }
  before_ = node_->counts();
  if (served_.adaptation) {
    std::vector<runtime::CutCost> costs;
    for (std::size_t cut = 0; cut < served_.settings.cuts.size(); ++cut) {
      costs.push_back(node_->cost(cut));
    }
    chooser_ = std::make_unique<runtime::CutChooser>(*served_.adaptation, std::move(costs));
  }
  load_ = std::make_unique<runtime::Load>(
      *node_,
      runtime::LoadSettings{.arrivals = settings_.load->arrivals.get(),
                            .closed_loop = closed,
                            .requests = requests,
                            .duration = settings_.duration,
                            .seed = settings_.seed},
      inputs_,
      [this] { return chooser_ != nullptr ? chooser_->choose(loop_.now()) : std::size_t{0}; },
      [this](const runtime::LoadedCall& call) { ended(call); },
      [this] { loop_.post([this] { over(); }); });
  requests_ = std::make_unique<study::MeasuredRequests>(out_->file("requests.csv"),
                                                        measured_run().system, loop_.now());
  load_->begin();
}

void ServeSession::ended(const runtime::LoadedCall& call) {
  try {
    requests_->add(call);
  } catch (...) {  // The disk is full.
    error_ = std::current_exception();
    loop_.stop();
  }
  if (chooser_ != nullptr && node_->next() != nullptr) {
    chooser_->ended(call.end, node_->next()->clock(0).error());
  }
  if (call.end.how == runtime::CallEnd::How::answered) {
    latencies_.push_back((call.end.times.completion - call.end.times.own.first_byte).si());
  }
  fell_back_ += call.end.times.fell_back ? 1 : 0;
  failures_ += call.end.times.failures;
  load_end_ = call.end.times.completion;
}

void ServeSession::over() { end(); }

study::ServedRun ServeSession::measured_run() const {
  study::ServedRun run;
  const runtime::Hello& hello = node_->hello();
  run.model = served_.settings.model;
  run.engine = settings_.engine;
  run.system.tiers = hello.tiers;
  for (std::size_t i = 0; i + 1 < hello.tiers.size(); ++i) {
    run.system.hops.push_back(i < served_.hops.size()
                                  ? served_.hops[i]
                                  : fmt::format("{}-{}", hello.tiers[i], hello.tiers[i + 1]));
  }
  run.cores.assign(hello.tiers.size(), 0);
  run.cores.front() = workers_->cores();
  run.clock_errors = hello.clock_errors;
  if (const runtime::NextTier* next = node_->next(); next != nullptr && run.cores.size() > 1) {
    run.servers.emplace_back();
    for (std::size_t i = 0; i < next->servers(); ++i) {
      run.cores[1] += next->cores(i);
      run.servers.back().push_back(
          {next->address(i), next->clock(i).offset(), next->clock(i).error()});
    }
    run.clock_errors.front() = next->clock(0).error();
  }
  for (const runtime::CutSpec& cut : hello.cuts) {
    run.layers.push_back(cut.layers);
  }
  run.codecs = served_.codecs;
  if (settings_.load) {
    run.load = settings_.load->text;
    run.kind = settings_.load->kind == ServedLoad::Kind::closed  ? "closed"
               : settings_.load->kind == ServedLoad::Kind::trace ? "trace"
                                                                 : "open";
    run.rate = settings_.load->rate;
  }
  run.capacity = capacity_;
  run.seed = settings_.seed;
  run.scenario = served_.scenario;
  run.version = program_version();
  run.commit = program_commit();
  return run;
}

/// Writes what was measured, be it complete or not.
void ServeSession::write() {
  study::ServedRun run = measured_run();
  const Seconds end = load_end_;
  load_->stop_asking();
  node_->stop();  // Ends the calls that are under way, which are then rows.
  node_->check_counts();
  requests_->close();
  run.counts = node_->counts();
  for (auto count :
       {&runtime::NodeCounts::received, &runtime::NodeCounts::answered,
        &runtime::NodeCounts::rejected, &runtime::NodeCounts::failed, &runtime::NodeCounts::lost,
        &runtime::NodeCounts::timed_out, &runtime::NodeCounts::abandoned}) {
    run.counts.*count -= before_.*count;
  }
  run.requests = run.counts.received;
  run.fell_back = fell_back_;
  run.failures = failures_;
  run.window_end = std::max(end - load_->start(), Seconds(0));
  write_into(*out_, [&] { study::write_served_run(out_->file("measured.json"), run); });
  out_->commit();
  set_kept(fmt::format("the {} requests so far are in {}", run.requests, settings_.out));
  print_counts();
  if (chooser_ != nullptr) {
    say("{} to other cuts\n", counted(chooser_->switches(), "switch", "switches"));
  }
  if (!latencies_.empty()) {
    std::vector<double> sorted = latencies_;
    std::sort(sorted.begin(), sorted.end());
    TextTable table({"latency", ">p50", ">p95", ">p99", ">mean"});
    double sum = 0;
    for (const double latency : sorted) {
      sum += latency;
    }
    const auto text = [](double seconds) { return to_readable(Seconds(seconds)); };
    table.add({settings_.load->text, text(quantile(sorted, 0.5)), text(quantile(sorted, 0.95)),
               text(quantile(sorted, 0.99)), text(sum / static_cast<double>(sorted.size()))});
    say("{}\nwritten: {}/requests.csv, measured.json\n", table.text(), out_->path().string());
  }
}

void ServeSession::print_counts() const {
  const runtime::NodeCounts& counts = node_->counts();
  std::string text = fmt::format("{} answered", counts.answered - before_.answered);
  for (const auto& [count, name] : {std::pair(counts.rejected - before_.rejected, "rejected"),
                                    std::pair(counts.failed - before_.failed, "failed"),
                                    std::pair(counts.lost - before_.lost, "lost"),
                                    std::pair(counts.timed_out - before_.timed_out, "timed out"),
                                    std::pair(counts.abandoned - before_.abandoned, "abandoned")}) {
    text += count > 0 ? fmt::format(", {} {}", count, name) : "";
  }
  say("{}: {} of {}\n", served_.settings.tier, text,
      counted(counts.received - before_.received, "request"));
}

}  // namespace offcut::cli
