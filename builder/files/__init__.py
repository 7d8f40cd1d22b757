"""What files hold: text, tables, workbooks, pictures, and what a prompt shows of them."""
