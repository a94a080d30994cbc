terraform {
  required_providers {
    nowhere = {
      source = "nobody/nowhere"
    }
  }
}

resource "nowhere_thing" "x" {}
