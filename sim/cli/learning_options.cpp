// The options of the commands that train networks.

#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"
#include "sim/cli/offers.h"

namespace offcut::cli {
namespace {

CLI::Option* offer_dataset(CLI::Option* option) {
  return offer_files(offer_list(option, "datasets"), {".csv"});
}

/// Adds the options of training steps.
void add_step_options(CLI::App* command, TrainArguments& training) {
  command->add_option("--batch", training.batch, "Samples of a step")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--rate", training.rate, "Learning rate")
      ->type_name("NUMBER")
      ->capture_default_str();
  offer_list(
      add_text(command, "--loss", training.loss, "NAME[:...]",
               "Loss (default: cross-entropy for classes, binary-cross-entropy for one output, mse "
               "for a regression, distillation with a teacher)"),
      "losses");
  offer_list(add_text(command, "--optimizer", training.optimizer, "NAME[:...]", "Optimiser"),
             "optimizers")
      ->capture_default_str();
  offer_list(add_repeated(command, "--schedule", training.schedules, "NAME[:...]",
                          "Course of the learning rate; several are multiplied"),
             "schedules");
  offer_list(add_repeated(command, "--augment", training.augmentations, "NAME[:...]",
                          "Random change of the training images; several follow each other"),
             "augmentations");
  command->add_option("--clip", training.clip, "Most norm of all gradients")->type_name("NUMBER");
  command->add_option("--decay", training.decay, "Decay of the weights, as the optimiser takes it")
      ->type_name("NUMBER");
  for (const std::string name :
       {"--batch", "--rate", "--optimizer", "--schedule", "--augment", "--clip", "--decay"}) {
    command->get_option(name)->each([&training, name](const std::string& /*value*/) {
      if (training.step_options.empty() || training.step_options.back() != name) {
        training.step_options.push_back(name);
      }
    });
  }
}

void add_floats(CLI::App* command, TrainArguments& training) {
  command->add_flag("--floats", training.floats,
                    "Read weights that the model's file stores as integers or in a codebook as "
                    "floats, whose form need not stay");
}

}  // namespace

void CommandLine::add_train() {
  CLI::App* command = add_command(
      "train", "Train a model on a data set, and write it as ONNX",
      "The output's checkpoint, FILE.checkpoint, is written after each epoch and removed at the "
      "end: a run that was killed goes on with --resume, to the same bytes. Names in NAME[:...] "
      "have parameters, as in momentum:momentum=0.95; see offcut list.\n\n"
      "Example: offcut train zoo:lenet5 --dataset digits --epochs 10 \\\n"
      "           --schedule cosine --out lenet5.onnx\n"
      "         offcut train small.onnx --dataset samples.csv --epochs 20 \\\n"
      "           --validate '10 %' --patience 3 --log epochs.csv --out new.onnx",
      [this](const auto& registries) { return cli::train(train_, registries); });
  add_model(command, train_.model, kMathModel);
  offer_dataset(
      add_text(command, "--dataset", train_.dataset, "NAME|PATH",
               "A data set of offcut list datasets, a folder with IDX, NumPy or CSV files of "
               "training and test samples, or a CSV file"))
      ->required();
  command
      ->add_option("--epochs", train_.epochs,
                   "Passes over the training samples; 0 only judges the model by the test samples")
      ->type_name("N")
      ->required();
  add_step_options(command, train_);
  add_text(command, "--seed", train_.seed, "N",
           "Seed of the order of samples, of random layers, and of the weights of zoo:NAME")
      ->capture_default_str();
  add_text(command, "--init", train_.init, "N",
           "Begin with fresh weights of this seed. An ONNX model keeps its own without it");
  add_repeated(command, "--only", train_.only, "NAME[,NAME]",
               "Train only these weights, or patterns of names: fc*");
  add_repeated(command, "--freeze", train_.freeze, "NAME[,NAME]", "Leave these as they are");
  command->add_flag("--tie", train_.tie,
                    "Keep equal weights that an exporter merged as one weight");
  add_floats(command, train_);
  add_repeated(command, "--exits", train_.exits, "OUTPUT[=W],...",
               "Train these outputs, with weights of their losses (default: all, 1)");
  command
      ->add_option("--checkpoints", train_.checkpoints,
                   "Cut the layers into N parts, and compute activations twice: less memory")
      ->type_name("N")
      ->capture_default_str();
  add_text(command, "--validate", train_.validate, "SHARE",
           "Set this share of the training samples aside, to be judged after each epoch");
  command
      ->add_option("--patience", train_.patience,
                   "Stop after N epochs that are no better on these samples, and keep the best one")
      ->type_name("N");
  add_text(command, "--teacher", train_.teacher, "MODEL",
           "Learn the answers of this model, too: distillation");
  command->add_flag("--missing-classes", train_.allow_missing_classes,
                    "Accept classes without a training sample");
  command->add_flag("--resume", train_.resume, "Go on from the checkpoint, if there is one");
  command->add_flag("--restart", train_.restart, "Begin again, whatever the checkpoint has");
  command->add_flag("--external-data", train_.external_data,
                    "Write the weights into a file of their own, FILE.data");
  add_text(command, "--log", train_.log, "FILE", "Write the figures of each epoch (CSV)");
  add_text(command, "--out", train_.out, "FILE", "The ONNX file to write (required with epochs)");
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_compress() {
  CLI::App* command = add_command(
      "compress", "Make a model smaller, and show what each pass costs",
      "Passes follow one another; offcut list passes has them and their parameters. Accuracy is "
      "that of the test samples; with --fine-tune, each pass is followed by training that keeps "
      "its masks, codebooks and grids.\n\n"
      "Example: offcut compress lenet5.onnx --dataset digits --pass magnitude:rate=0.9 \\\n"
      "           --pass kmeans:bits=5 --fine-tune 5 --out small.onnx\n"
      "         offcut compress lenet5.onnx --dataset digits --pass linear \\\n"
      "           --search '0.5 %' --out small.onnx",
      [this](const auto& registries) { return cli::compress(compress_, registries); });
  TrainArguments& training = compress_.training;
  training.epochs = 0;
  add_model(command, training.model, kMathModel);
  offer_list(add_repeated(command, "--pass", compress_.passes, "NAME[:...]",
                          "Apply this pass; several are applied in their order"),
             "passes");
  offer_dataset(
      add_text(command, "--dataset", training.dataset, "NAME|PATH",
               "Data set, as in offcut train: what is trained on, and what accuracy is measured "
               "on"));
  command->add_option("--fine-tune", training.epochs, "Train for N epochs after each pass")
      ->type_name("N");
  add_step_options(command, training);
  add_text(command, "--seed", training.seed, "N",
           "Seed of the order of samples, of random layers, and of the weights of zoo:NAME")
      ->capture_default_str();
  add_text(command, "--teacher", training.teacher, "MODEL",
           "Fine-tune by the answers of this model, too: distillation");
  add_floats(command, training);
  add_text(command, "--search", compress_.search, "LOSS",
           "Choose the levels of the passes for each layer: the smallest model that loses at most "
           "so much accuracy, as in '0.5 %'");
  add_text(command, "--sensitivity", compress_.sensitivity, "FILE",
           "Study each pass on one layer at a time, and write the figures (CSV)");
  add_text(command, "--validate", training.validate, "SHARE",
           "Set this share of the training samples aside, on which --search and --sensitivity "
           "judge (default: 10 %)");
  command->add_flag("--external-data", training.external_data,
                    "Write the weights into a file of their own, FILE.data");
  add_text(command, "--log", training.log, "FILE", "Write the figures of each pass (CSV)");
  add_text(command, "--layers", compress_.layers, "FILE",
           "Write the sizes of each layer at the end (CSV)");
  add_text(command, "--out", training.out, "FILE", "The ONNX file to write");
  add_max_memory(command);
  add_quiet(command);
}

}  // namespace offcut::cli
