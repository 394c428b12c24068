// The columns of plan_figures.csv.

#include "analysis/tables/figure_table.h"

#include <array>

namespace offcut::analysis {
namespace {

constexpr auto kFigureColumns = std::to_array<Column<FigureRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const FigureRow& row) { return std::string_view(row.algorithm); }},
    {"what", "", "The figure's name, with its unit if it has one.",
     [](const FigureRow& row) { return row.figure.title(); }},
    {"value", "", "The figure's value: a text, or a number in SI units.",
     [](const FigureRow& row) { return row.figure.text(); }},
    {"model", "", "The model that the plan is for, as in plan.csv.",
     [](const FigureRow& row) { return std::string_view(row.model); }},
});

constexpr ColumnTable<FigureRow> kFigureTable{
    "plan_figures.csv",
    "A row per figure of a plan that does not belong to one layer: makespans, jobs, shares, tiles. "
    "There is no file if no plan has such a figure.",
    kFigureColumns,
    "`analysis/tables/figure_table.cpp`. Each algorithm of `partition/algorithms` computes its "
    "own."};

}  // namespace

const ColumnTable<FigureRow>& figure_table() { return kFigureTable; }

}  // namespace offcut::analysis
