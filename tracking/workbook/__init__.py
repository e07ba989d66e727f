"""A ministry's reports of one year as a spreadsheet, out and in: filled offline, compared cell by
cell with what is there when it comes back, and written through the same door as the form.

`gather` makes a `Book` of the rows as they are now; `write_ods` and `write_xlsx` write it; `read`
takes a file apart, `compare` says what it would change, `apply` asks the form's action.
"""
