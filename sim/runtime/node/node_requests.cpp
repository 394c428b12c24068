// The way of a request through a node: queue, computation, next tier, answer. It ends once, in
// finish(), whatever happens. Its number finds it again after each wait; where it is not found, it
// has ended in between.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "sim/runtime/node/node.h"
#include "sim/runtime/node/refusal.h"
#include "sim/runtime/transport/frame.h"

namespace offcut::runtime {
namespace {

constexpr Seconds kTriesAgainAfter{0.1};  // While a request waits until it can go on.
constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// The text of a request: the time that is left until its deadline, in seconds. Clocks differ, but
/// this holds on all of them. Empty: it has no deadline.
std::string time_left_text(Seconds left) {
  return std::isfinite(left.si()) ? fmt::format("{}", left.si()) : std::string();
}

Seconds read_time_left(const std::string& text) {
  double left = kInfinite;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), left);
  return Seconds(error == std::errc() && !std::isnan(left) ? left : kInfinite);
}

}  // namespace

Node::Task* Node::find(std::uint64_t number) {
  const auto found = tasks_.find(number);
  return found == tasks_.end() ? nullptr : &found->second;
}

// --- arrivals

void Node::call(Call call, CallDone done) {
  Task& task = tasks_[++last_task_];
  task.number = last_task_;
  task.device = settings_.device;
  task.done = std::move(done);
  task.cut = call.cut;
  const Seconds arrival = call.arrival.value_or(loop_.now());
  task.times.own.first_byte = task.times.own.last_byte = arrival;
  task.deadline = arrival + settings_.rules.deadline;
  for (auto& [name, tensor] : call.inputs) {
    task.tensors.push_back({name, std::move(tensor), nullptr});
  }
  ++counts_.received;
  if (std::isfinite(settings_.rules.gives_up_after.si())) {
    task.time_out =
        loop_.at(arrival + settings_.rules.gives_up_after, [this, number = task.number] {
          if (Task* late = find(number)) {
            late->time_out = 0;
            finish(*late, CallEnd::How::timed_out, "timed out");
          }
        });
  }
  queue_up(task);
  note_activity();
}

void Node::take_request(Peer& peer, Message message, Arrival arrival) {
  if (message.cut >= settings_.cuts.size()) {
    refuse(peer, message.request, refusal_text(CallEnd::How::failed, "there is no such cut"));
    return;
  }
  if (peer.tasks >= settings_.most_tasks) {
    refuse(peer, message.request,
           refusal_text(CallEnd::How::rejected, "the connection has too many requests"));
    return;
  }
  Task& task = tasks_[++last_task_];
  task.number = last_task_;
  task.peer = peer.number;
  task.request = message.request;
  task.device = message.device;
  task.cut = message.cut;
  task.times.own.first_byte = arrival.first;
  task.times.own.last_byte = arrival.last;
  task.deadline = arrival.last + read_time_left(message.text);
  task.tensors = std::move(message.tensors);
  ++peer.tasks;
  ++counts_.received;
  queue_up(task);
  note_activity();
}

scheduling::Job Node::job_of(const Task& task) const {
  scheduling::Job job;
  job.request = static_cast<std::int64_t>(task.number);
  job.device = task.device;
  job.priority = settings_.rules.priority;
  job.rest = cut(task.cut).rest;
  job.deadline = task.deadline;
  return job;
}

/// Lets the station compute the task. A tier without layers relays it at once.
void Node::queue_up(Task& task, bool must) {
  task.state = Task::State::queued;
  if (cut(task.cut).part.graph == nullptr) {
    task.times.own.start = task.times.own.end = loop_.now();
    task.times.own.batch = 0;
    go_on(task);
    return;
  }
  const std::uint64_t number = task.number;
  if (!station_.offer(number, task.cut, job_of(task), must)) {
    const std::string reason = fmt::format("{} rejects", settings_.tier);
    if (task.peer == 0 && settings_.rules.failures.local_when_rejected && settings_.whole) {
      fall_back(task, CallEnd::How::rejected, reason);
    } else {
      finish(task, CallEnd::How::rejected, reason);
    }
  }
}

/// Sees to it that batches that wait for more requests start, once nothing arrives any more.
void Node::note_activity() {
  if (flushing_ != 0) {
    loop_.cancel(flushing_);
    flushing_ = 0;
  }
  if (station_.waits_for_more()) {
    flushing_ = loop_.at(loop_.now() + settings_.flushes_after, [this] {
      flushing_ = 0;
      station_.flush();
    });
  }
}

// --- computing

void Node::begin(const Station::Turn& turn) {
  Batch batch{.cut = turn.cut, .requests = {}, .onward = routes_[turn.cut].onward};
  for (const std::uint64_t number : turn.tasks) {
    Task* task = find(number);
    task->state = Task::State::computing;
    batch.requests.push_back(task->tensors);
  }
  computer_.compute(turn.core, std::move(batch),
                    [this, turn, lives = lives_](ComputedBatch computed_batch) {
                      if (*lives) {
                        computed(turn, std::move(computed_batch));
                      }
                    });
}

void Node::computed(const Station::Turn& turn, ComputedBatch batch) {
  station_.finished(turn.core, batch.end - batch.start);
  for (std::size_t i = 0; i < turn.tasks.size(); ++i) {
    Task* task = find(turn.tasks[i]);
    if (task == nullptr) {
      continue;  // It gave up, and its computation ran on for nothing.
    }
    PartOutput& output = batch.outputs[i];
    task->times.own.start = batch.start;
    task->times.own.end = batch.end;
    task->times.computed += batch.end - batch.start;
    task->times.own.batch = static_cast<std::uint32_t>(turn.tasks.size());
    if (!output.error.empty()) {
      finish(*task, CallEnd::How::failed, output.error);
      continue;
    }
    for (const std::string& name : routes_[turn.cut].results) {
      task->results.push_back({name, std::move(output.made[name]), nullptr});
    }
    task->onward = std::move(output.onward);
    go_on(*task);
  }
  note_activity();
}

// --- the next tier

void Node::go_on(Task& task) {
  if (!routes_[task.cut].goes_on) {
    answer(task);
    return;
  }
  const std::set<std::string>& relayed = routes_[task.cut].relayed;
  for (const MessageTensor& tensor : task.tensors) {
    if (relayed.contains(tensor.name)) {
      task.onward.push_back(tensor);
    }
  }
  if (task.peer != 0 || !settings_.whole) {
    task.tensors.clear();  // Nothing computes them again.
  }
  task.since = loop_.now();
  send(task);
}

void Node::send(Task& task) {
  task.state = Task::State::sent;
  task.times.own.sent = Seconds();
  Message message;
  message.cut = static_cast<std::uint32_t>(task.cut);
  message.device = task.device;
  message.tensors = task.onward;
  message.text = time_left_text(task.deadline - loop_.now());
  scheduling::Job job = job_of(task);
  job.queued = loop_.now();
  job.service = routes_[task.cut].next;
  const std::uint64_t number = task.number;
  if (!next_->send(number, job, std::move(message))) {
    update_readiness();
    recover(task, "no server of the next tier is up");
  }
}

void Node::answered(Task& task, Message answer, Arrival arrival, std::size_t server) {
  const Seconds offset = next_->clock(server).offset();
  for (auto times = answer.times.rbegin(); times != answer.times.rend(); ++times) {
    TierTimes here = *times;
    for (Seconds* time :
         {&here.first_byte, &here.last_byte, &here.start, &here.end, &here.sent, &here.answer_first,
          &here.answer_last, &here.tail_start, &here.tail_end}) {
      if (*time != Seconds()) {  // It was never set.
        *time -= offset;
      }
    }
    task.times.later.push_back(here);
  }
  if (!task.times.later.empty()) {
    task.times.later.front().server = static_cast<std::uint32_t>(server);
  }
  task.times.own.answer_first = arrival.first;
  task.times.own.answer_last = arrival.last;
  task.times.was_sent = true;
  task.times.down_bytes = frame_bytes(answer);
  for (MessageTensor& tensor : answer.tensors) {
    task.results.push_back(std::move(tensor));
  }
  this->answer(task);
}

void Node::refused(Task& task, const std::string& text) {
  const Refusal refusal = read_refusal(text);
  if (refusal.how == CallEnd::How::lost) {
    ++task.times.failures;
    recover(task, refusal.reason);
  } else if (refusal.how == CallEnd::How::rejected && task.peer == 0 &&
             settings_.rules.failures.local_when_rejected) {
    fall_back(task, refusal.how, refusal.reason);
  } else {
    finish(task, refusal.how, refusal.reason);
  }
}

// --- failures

/// The task could not be sent, or its attempt was lost. The rest is as in the simulation:
/// see engine::Recovery.
void Node::recover(Task& task, const std::string& reason) {
  if (task.peer != 0) {
    finish(task, CallEnd::How::lost, reason);
    return;
  }
  const network::FailurePolicy& policy = settings_.rules.failures;
  task.times.lost += loop_.now() - task.since;
  task.since = loop_.now();
  if (task.times.failures >= network::kMostFailuresOfRequest) {
    finish(task, CallEnd::How::lost, "failed too often");
    return;
  }
  using Then = network::FailurePolicy::Then;
  std::optional<Seconds> pause;
  if (task.retries < policy.retries) {
    const double growth = std::pow(policy.factor, static_cast<double>(task.retries++));
    pause = policy.backoff > Seconds(0) ? policy.backoff * growth : Seconds(0);
  } else if (policy.then != Then::drop && policy.then != Then::local && next_->is_up()) {
    pause = kTriesAgainAfter;  // A server that is up says so at once if it can't go on.
  }
  if (!pause) {
    take_action(task, reason);
    return;
  }
  task.state = Task::State::pausing;
  task.pause = loop_.at(loop_.now() + *pause, [this, number = task.number] {
    if (Task* paused = find(number)) {
      paused->pause = 0;
      paused->times.lost += loop_.now() - paused->since;
      paused->since = loop_.now();
      send(*paused);
    }
  });
}

/// Its retries are used up.
void Node::take_action(Task& task, const std::string& reason) {
  using Then = network::FailurePolicy::Then;
  const Then then = settings_.rules.failures.then;
  if (then == Then::drop) {
    finish(task, CallEnd::How::lost, reason);
  } else if (then == Then::local) {
    fall_back(task, CallEnd::How::lost, reason);
  } else {
    task.state = Task::State::parked;
  }
}

/// The device computes the whole network.
void Node::fall_back(Task& task, CallEnd::How otherwise, const std::string& reason) {
  if (!settings_.whole || task.tensors.empty()) {
    finish(task, otherwise, reason);
    return;
  }
  task.times.fell_back = true;
  task.cut = whole_cut();
  task.results.clear();
  task.onward.clear();
  queue_up(task, true);
  note_activity();
}

void Node::wake_parked() {
  std::vector<std::uint64_t> parked;
  for (const auto& [number, task] : tasks_) {
    if (task.state == Task::State::parked) {
      parked.push_back(number);
    }
  }
  std::sort(parked.begin(), parked.end());
  for (const std::uint64_t number : parked) {
    if (Task* task = find(number)) {
      task->times.lost += loop_.now() - task->since;
      task->since = loop_.now();
      send(*task);
    }
  }
}

// --- ends

void Node::answer(Task& task) { finish(task, CallEnd::How::answered); }

void Node::count(CallEnd::How how) {
  switch (how) {
    case CallEnd::How::answered:
      ++counts_.answered;
      break;
    case CallEnd::How::rejected:
      ++counts_.rejected;
      break;
    case CallEnd::How::failed:
      ++counts_.failed;
      break;
    case CallEnd::How::lost:
      ++counts_.lost;
      break;
    case CallEnd::How::timed_out:
      ++counts_.timed_out;
      break;
    case CallEnd::How::interrupted:
      ++counts_.abandoned;
      break;
  }
}

/// Ends a task. It tells its caller, or the peer that it came from.
void Node::finish(Task& ending, CallEnd::How how, const std::string& reason) {
  Task task = std::move(ending);
  tasks_.erase(task.number);
  station_.withdraw(task.number);
  if (next_ != nullptr && task.state == Task::State::sent) {
    next_->withdraw(task.number);
  }
  for (const Loop::Timer timer : {task.time_out, task.pause}) {
    if (timer != 0) {
      loop_.cancel(timer);
    }
  }
  count(how);
  if (task.peer == 0) {
    end_call(std::move(task), how, reason);
    return;
  }
  const auto peer = peers_.find(task.peer);
  if (peer == peers_.end()) {
    return;
  }
  --peer->second.tasks;
  if (how != CallEnd::How::answered) {
    refuse(peer->second, task.request, refusal_text(how, reason));
    return;
  }
  Message message;
  message.kind = MessageKind::answer;
  message.request = task.request;
  message.cut = static_cast<std::uint32_t>(task.cut);
  message.device = task.device;
  message.times.assign(task.times.later.rbegin(), task.times.later.rend());
  message.times.push_back(task.times.own);
  message.tensors = std::move(task.results);
  peer->second.channel->send(std::move(message));
  if (peer->second.channel->waiting_bytes() > settings_.most_waiting_bytes) {
    close(task.peer);
  }
}

void Node::end_call(Task task, CallEnd::How how, const std::string& reason) {
  CallEnd end{.how = how, .result = {}, .times = std::move(task.times)};
  end.times.cut = task.cut;
  end.times.completion = loop_.now();
  if (how == CallEnd::How::answered) {
    if (end.times.was_sent && !end.times.fell_back) {
      end.times.completion = end.times.own.answer_last;
    } else {
      end.times.completion = end.times.own.end;
    }
    for (MessageTensor& tensor : task.results) {
      end.result.outputs[tensor.name] = std::move(tensor.values);
    }
  }
  using Status = CallResult::Status;
  end.result.reason = reason;
  end.result.status = how == CallEnd::How::answered   ? Status::answered
                      : how == CallEnd::How::rejected ? Status::overloaded
                      : how == CallEnd::How::failed   ? Status::failed
                                                      : Status::unavailable;
  if (task.done) {
    task.done(std::move(end));
  }
}

}  // namespace offcut::runtime
