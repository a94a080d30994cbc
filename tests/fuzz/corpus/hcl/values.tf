variable "x" {
  default = { a = [1, -2.5e3, <<-EOT
    h ${x} $${y}
    EOT
  ], "k" : "\u00e9" }
}
