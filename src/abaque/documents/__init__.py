"""What people read: prices, steps and refusals in words, dated legal mentions, and invoices as PDF."""
