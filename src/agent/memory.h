#pragma once

namespace berth::agent {

/// Gives the memory of the program's own code back to the system: what start-up needed once is most of an
/// idle agent's resident memory. What is used again comes back from the page cache by itself.
void release_program_pages();

}  // namespace berth::agent
