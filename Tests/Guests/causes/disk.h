// A disk that answers when it is told to: a page that is written to it or read from it is on its way for as long as a
// test likes.
#pragma once

// Returns its file.
int attach_disk(void);

// Attaches it, and has swap on it.
void swap_to_disk(void);

// From now on it takes what is asked of it, and answers nothing.
void silence_disk(void);

// Everything that was asked is answered, and what will be asked at once.
void answer_for_disk(void);

void stop_disk(void);
