"""What files hold: tables, pictures, spreadsheets, structured text."""
