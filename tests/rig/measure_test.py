#!/usr/bin/python3
"""measure.py and validate.py from end to end, on a small network and few requests. The figures themselves mean little on a
busy machine, so the test looks at what is there: all cells, the same arrivals in both passes, and complete tables."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import matrix  # noqa: E402
import measure  # noqa: E402
import network  # noqa: E402
import validate  # noqa: E402

RATES = ("20 Mbit/s",)
LENET = matrix.Network("lenet5", 0.0005, {"pool1": 4704, "tanh3": 480}, ("pool1",))
FEW = {"LEAST_REQUESTS": 30, "MOST_REQUESTS": 30, "CLOSED_REQUESTS": 20, "FULL_REQUESTS": 20, "CHOICE_REQUESTS": 30, "MAIN_RATES": RATES,
       "CHOICE_RATES": RATES}


class MeasureTest(unittest.TestCase):
    def test_the_matrix_is_what_was_asked_for(self):
        """Two networks, two cuts, three rates, two loads, two passes; four cuts at six rates."""
        main = matrix.main_cells()
        for number in matrix.PASSES:
            predicted = [cell for cell in main if cell.number == number and cell.load in matrix.PREDICTED_LOADS]
            self.assertEqual(len(predicted), 2 * 2 * 3 * 2)
        self.assertEqual(len(matrix.choice_cells()), 2 * 4 * 6 * 2)
        cells = [*main, *matrix.choice_cells()]
        self.assertEqual(len({cell.folder(pathlib.Path("x")) for cell in cells}), len(cells))
        self.assertLess(sum(cell.seconds() for cell in cells), 40 * 60)

    def test_from_end_to_end(self):
        with tempfile.TemporaryDirectory(prefix="offcut-measure-") as name, mock.patch.multiple(matrix, **FEW), \
                mock.patch.object(validate, "SEEDS", 2), mock.patch.object(validate, "FIT_RATE", RATES[0]):
            root = pathlib.Path(name)
            cells = matrix.main_cells([LENET], RATES) + matrix.choice_cells([LENET], RATES)
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                measure.measure(cells, root)
            self.assertIn(f"{len(cells)} of {len(cells)} cells to measure", said.getvalue())
            self.assertTrue(all(cell.is_complete(root) for cell in cells))
            for load in matrix.PREDICTED_LOADS:
                one, two = ([float(row["arrival_s"]) for row in matrix.requests(
                    matrix.Cell(LENET, "pool1", RATES[0], load, number).folder(root))] for number in matrix.PASSES)
                for first, second in zip(one, two, strict=True):
                    self.assertAlmostEqual(first - one[0], second - two[0])
            self.assertEqual(matrix.rig_of(cells[0].folder(root))["rate"], RATES[0])

            again = io.StringIO()
            with contextlib.redirect_stdout(again):
                measure.measure(cells, root)
            self.assertTrue(again.getvalue().startswith(f"0 of {len(cells)} cells to measure"), again.getvalue())

            tables = io.StringIO()
            with contextlib.redirect_stdout(tables):
                rows = validate.error_rows(root, [LENET])
                validate.print_errors(rows)
                found = validate.choices(root, [LENET])
                validate.print_choices(found)
            self.assertEqual(len(rows), 2 * 2)  # Loads, figures.
            self.assertTrue(all(len(row.measured) == 2 and row.predicted > 0 for row in rows))
            self.assertIn("| lenet5, pool1, 20 Mbit/s, 50 % load |", tables.getvalue())
            self.assertIn("The best cut is predicted in", tables.getvalue())


class ChoiceTest(unittest.TestCase):
    def test_regret(self):
        """The best is b, measured as 1.1 ms in the mean of both passes; a is chosen and takes 1.65 ms."""
        choice = validate.Choice("net", "5 Mbit/s", [{"a": 1.6, "b": 1.0}, {"a": 1.7, "b": 1.2}], {"a": 1.0, "b": 1.4})
        self.assertEqual((choice.best(), choice.chosen()), ("b", "a"))
        self.assertAlmostEqual(choice.regret(), 0.5)


if __name__ == "__main__":
    network.exit_if_not_permitted()
    unittest.main()
