"""Layout of maps and attack paths: geometry only, in no unit but the pixel."""
