"""What maps and attack paths look like: layout, boxes and colours, in no unit but the pixel."""
