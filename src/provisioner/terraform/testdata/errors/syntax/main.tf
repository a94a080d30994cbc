variable "fine" {
  default = "x"
}

resource "terraform_data" "broken" {
  input = [1, 2
}
