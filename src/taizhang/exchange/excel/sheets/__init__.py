"""The sheets of the workbook, one module each; ``workbook`` puts them in order."""
