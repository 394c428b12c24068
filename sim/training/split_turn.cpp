// The protocol of split learning (Vepakomma, Gupta, Swedish, Raskar, "Split learning for health",
// 2018, the vanilla configuration): a chain of tasks for each batch, and its closed form, which
// adds up the same tasks.

#include "sim/training/split_turn.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "models/base/error.h"
#include "sim/training/update_codec.h"

namespace offcut::training {
namespace {

/// The parts of a step's time that do not depend on links.
struct StepPieces {
  Seconds forward, server, back;
};

StepPieces pieces_of(const StepTimes& times, const NetworkCut& cut, std::size_t group,
                     std::size_t level, std::int64_t batch) {
  const StepParts head = times.of(group, 0, batch, cut.head);
  return {.forward = head.forward,
          .server = times.of(group, level, batch, cut.tail).all(),
          .back = cut.trains_head() ? head.backward + head.update : Seconds(0)};
}

std::int64_t size_of_batch(const LocalWork& work) {
  const auto count = static_cast<std::int64_t>(work.samples.size());
  return work.batch == 0 ? count : std::min(work.batch, count);
}

class SplitTurn : public std::enable_shared_from_this<SplitTurn> {
 public:
  SplitTurn(RunParts& parts, const NetworkCut& cut, TurnOrder order,
            std::function<void(const Turn&)> then)
      : parts_(parts), cut_(cut), order_(std::move(order)), then_(std::move(then)) {}

  void begin() {
    turn_.visit = parts_.books.select(order_.client);
    carry(order_.level, 0, cut_.state.bytes, [](SplitTurn& turn) { turn.next_batch(); });
  }

 private:
  using Next = void (*)(SplitTurn&);

  void carry(std::size_t from, std::size_t to, Bytes bytes, Next next) {
    parts_.book.carry(order_.client, from, to, bytes,
                      [=, self = shared_from_this()](const Trip& trip) {
                        trip.is_done ? next(*self) : self->end(false);
                      });
  }

  void compute(Seconds service, std::int64_t steps, Next next) {
    if (service == Seconds(0)) {
      next(*this);
      return;
    }
    parts_.book.compute({.device = order_.client, .level = 0, .service = service, .model = {}},
                        [=, self = shared_from_this()](const engine::TaskReport& report) {
                          if (!report.is_done) {
                            self->end(false);
                            return;
                          }
                          self->parts_.books.add_steps(self->order_.client, steps);
                          next(*self);
                        });
  }

  void next_batch() {
    if (done_ == order_.work.steps()) {
      carry(0, order_.level, cut_.state.bytes, [](SplitTurn& turn) { turn.end(true); });
      return;
    }
    if (place_ == samples_.size()) {
      samples_ = order_of_epoch(order_.work, epoch_++);
      place_ = 0;
    }
    count_ =
        std::min(static_cast<std::size_t>(size_of_batch(order_.work)), samples_.size() - place_);
    pieces_ = pieces_of(*parts_.job.times, cut_, parts_.machine(order_.client, 0).group,
                        order_.level, batch());
    compute(pieces_.forward, cut_.trains_head() ? 0 : 1, [](SplitTurn& turn) {
      turn.carry(0, turn.order_.level, turn.cut_.up(turn.batch()),
                 [](SplitTurn& arrived) { arrived.on_server(); });
    });
  }

  void on_server() {
    parts_.book.insist(
        {.device = order_.client, .level = order_.level, .service = pieces_.server, .model = {}},
        [self = shared_from_this()](const engine::TaskReport&) { self->take_step(); });
  }

  void take_step() {
    turn_.loss += order_.step(std::span(samples_).subspan(place_, count_), done_);
    carry(order_.level, 0, cut_.down(batch()), [](SplitTurn& turn) {
      turn.compute(turn.pieces_.back, 1, [](SplitTurn& through) {
        ++through.done_;
        through.place_ += through.count_;
        through.next_batch();
      });
    });
  }

  void end(bool is_done) {
    turn_.is_done = is_done;
    turn_.loss /= static_cast<double>(std::max<std::int64_t>(1, done_));
    then_(turn_);
  }

  std::int64_t batch() const { return static_cast<std::int64_t>(count_); }

  RunParts& parts_;
  const NetworkCut& cut_;
  TurnOrder order_;
  std::function<void(const Turn&)> then_;
  Turn turn_;
  StepPieces pieces_;
  std::vector<std::int64_t> samples_;  // Of the epoch, in order.
  std::size_t place_ = 0, count_ = 0;  // Of the batch in them.
  std::int64_t epoch_ = 0, done_ = 0;
};

}  // namespace

void run_turn(RunParts& parts, const NetworkCut& cut, TurnOrder order,
              std::function<void(const Turn&)> then) {
  std::make_shared<SplitTurn>(parts, cut, std::move(order), std::move(then))->begin();
}

TurnTime time_of_turn(const Job& job, const NetworkCut& cut, std::size_t client, std::size_t group,
                      std::size_t level, const Together& together) {
  const LocalWork work = work_of(job, client, 1);
  const auto hops = static_cast<double>(level);
  TurnTime time{.compute = {},
                .communication = together.time(client, level, 0, cut.state.bytes) +
                                 together.time(client, 0, level, cut.state.bytes),
                .up = hops * cut.state.bytes,
                .down = hops * cut.state.bytes};
  const auto add = [&](std::int64_t batch, std::int64_t count) {
    if (count == 0) {
      return;
    }
    const auto times = static_cast<double>(count);
    const StepPieces pieces = pieces_of(*job.times, cut, group, level, batch);
    time.compute += times * (pieces.forward + pieces.server + pieces.back);
    time.communication += times * (together.time(client, 0, level, cut.up(batch)) +
                                   together.time(client, level, 0, cut.down(batch)));
    time.up += times * hops * cut.up(batch);
    time.down += times * hops * cut.down(batch);
  };
  const auto samples = static_cast<std::int64_t>(work.samples.size());
  const std::int64_t full = size_of_batch(work);
  const std::int64_t rest = samples % full;
  add(full, work.epochs * (samples / full));
  add(rest, rest == 0 ? 0 : work.epochs);
  return time;
}

const Job& checked_for_cut(const Job& job) {
  check_job(job);
  if (!UpdateCodec(job.codec, job.trainer->layout()).is_plain()) {
    throw InputError(
        {},
        "codec: activations and slopes cross a cut as floats: a codec of updates has no "
        "use here");
  }
  refuse_settings(job, {"over-selection", "deadline", "partial-work"},
                  "a strategy that cuts the network waits for all clients of a round");
  return job;
}

const Job& checked_for_steps(const Job& job) {
  refuse_settings(checked_for_cut(job), {"local-epochs", "fraction"},
                  "a round of this strategy is one step, in which all machines take part");
  return job;
}

std::vector<std::size_t> levels_of(const NetworkCut& cut, std::size_t server_level) {
  std::vector<std::size_t> levels;
  for (const std::size_t part : cut.part_of) {
    levels.push_back(part == 0 ? 0 : server_level);
  }
  return levels;
}

ParameterSpec cut_parameter() {
  return {.name = "cut",
          .is_text = true,
          .doc = "the last layer on the device",
          .example = "pool2",
          .absent = "the cut with the fastest round"};
}

}  // namespace offcut::training
